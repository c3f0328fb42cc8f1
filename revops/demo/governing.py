"""How the demo company changes its rules: a request for change in every state, and topics of the council."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from governance.actions import council, rfcs
from governance.models import ChangeRequest
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.kernel import approvals, clocks, policies
from revops.kernel.approvals.models import ApprovalStep
from revops.kernel.identity.models import User
from revops.kernel.people import access, actions
from revops.kernel.people.enums import Role
from revops.kernel.policies.actions import draft_version
from revops.kernel.policies.models import PolicyVersion

CONTACTS, LEADS = "accounts.required_fields_of_contacts", "accounts.required_fields_of_leads"
ACCOUNTS, DEALS = "accounts.required_fields", "opportunities.required_fields"
MEMBERS = ("vera", "mark", "lena", "fin", "lara")
_BACK = "One click brings the rule of today back; operations count what it refused, every morning for a week."
# Days before the end of the diary, the state it is left in, the policy, what changes in it, and the words.
REQUESTS: tuple[tuple[int, str, str, dict[str, Any], str, str], ...] = (
    (40, "live", CONTACTS, {"field": "contact.title", "mode": "observe"}, "Know the title of every contact",
     "Buying committees are guessed at, since half of the contacts have no title."),
    (33, "rolled_back", LEADS, {"field": "lead.company", "mode": "warn"}, "Ask for the company of a lead",
     "Leads without a company cannot be matched to an account."),
    (21, "rejected", ACCOUNTS, {"field": "account.industry", "mode": "enforce"}, "No account without an industry",
     "A third of the accounts cannot be grouped by industry."),
    (16, "withdrawn", LEADS, {"field": "lead.title", "mode": "observe"}, "Know the title of every lead",
     "Titles are filled in late."),
    (9, "approved", LEADS, {"field": "lead.industry", "mode": "observe"}, "Count leads without an industry",
     "Nobody knows how many leads come without an industry."),
    (6, "scheduled", CONTACTS, {"field": "contact.department", "mode": "observe"}, "Know where contacts work",
     "Nobody can tell which departments take part in a decision."),
    (4, "submitted", ACCOUNTS, {"field": "account.website", "mode": "warn"}, "Warn of accounts without a website",
     "Accounts without a website are often doubles of others."),
    (2, "draft", LEADS, {"field": "lead.email", "mode": "warn"}, "Warn of leads without an e-mail",
     "Leads by telephone come in without an address."),
)  # fmt: skip


def write(diary: Diary) -> None:
    """Write down requests and topics of the last weeks."""
    diary.note(timedelta(days=DAYS - 45), partial(_seats, diary))
    for days, state, key, line, title, problem in REQUESTS:
        at = timedelta(days=DAYS - days)
        held: list[ChangeRequest] = []
        diary.note(at, partial(_ask, diary, held, key, line, title, problem))
        for step, deed in enumerate(way(diary, state, held), 1):
            diary.note(at + timedelta(hours=5 * step), deed)
    diary.note(timedelta(days=DAYS - 12), partial(_topics, diary))


def _seats(diary: Diary) -> None:
    """Let one person of each function sit in the council."""
    for name in MEMBERS:
        actions.grant_role(by=diary.people["admin"], user=diary.people[name], role=Role.COUNCIL)


def _ask(
    diary: Diary, held: list[ChangeRequest], key: str, line: dict[str, Any], title: str, problem: str
) -> None:
    olga = diary.people["olga"]
    values = {
        "title": title,
        "problem": problem,
        "proposal": "One more line in the required fields; the draft shows it.",
        "impact": "Whoever enters these records sees one more field asked for; what is stored stays as it is.",
        "rollback_plan": _BACK,
        "training": "A note in the weekly letter of operations.",
        "drafts": str(_draft(olga, key, line, title).pk),
    }
    held.append(rfcs.create_rfc(by=olga, values=values))


def _draft(by: User, key: str, line: dict[str, Any], title: str) -> PolicyVersion:
    body = deepcopy(dict(policies.get(key).raw))
    kept = [dict(one) for one in body["fields"] if one["field"] != line["field"]]
    body["fields"] = [*kept, line | {"code": "VAL-090"}]
    return draft_version(by=by, key=key, body=body, source_note=title)


def way(diary: Diary, state: str, held: list[ChangeRequest]) -> list[Callable[[], object]]:
    """Return what happens to a request on its way into a state."""
    olga, rita = diary.people["olga"], diary.people["rita"]

    def do(action: Callable[..., object], by: User, **given: Any) -> Callable[[], object]:
        return lambda: action(by=by, pk=held[0].pk, **given)

    submit = do(rfcs.submit, olga)
    yes: list[Callable[[], object]] = [submit]
    yes += [partial(_decide, diary, held, name) for name in ("rita", "dora")]
    why = "Twice as many were refused as the simulation foresaw"
    ways: dict[str, list[Callable[[], object]]] = {
        "draft": [],
        "submitted": [submit, partial(_decide, diary, held, "rita")],
        "rejected": [submit, partial(_decide, diary, held, "rita", "reject")],
        "withdrawn": [submit, do(rfcs.withdraw, olga, reason="Marketing asks for it in its forms instead")],
        "approved": yes,
        "scheduled": [*yes, partial(_plan, diary, held)],
        "live": [*yes, do(rfcs.go_live, rita)],
        "rolled_back": [*yes, do(rfcs.go_live, rita), do(rfcs.roll_back, rita, reason=why)],
    }
    return ways[state]


def _decide(diary: Diary, held: list[ChangeRequest], name: str, decision: str = "approve") -> None:
    """Let somebody decide the step of a request that asks their role."""
    person = diary.people[name]
    request = approvals.request_of(held[0], "rfc")
    steps = ApprovalStep.objects.filter(request=request, state="open")
    step = steps.filter(candidates__role__in=access.roles_of(person)).first()
    if step is not None:
        comment = "" if decision == "approve" else "Most industries come with the import; wait for it."
        approvals.decide(by=person, step=step.pk, decision=decision, comment=comment)


def _plan(diary: Diary, held: list[ChangeRequest]) -> None:
    at: datetime = clocks.now().replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=14)
    rfcs.schedule(by=diary.people["rita"], pk=held[0].pk, planned_at=at)


def _topics(diary: Diary) -> None:
    """Bring two topics before the council: one that it decides, one that waits for Finance."""
    people = diary.people
    decided = council.create_item(
        by=people["rita"],
        values={
            "topic": "Who talks to customers about prices before a quote is approved",
            "options": "Sales alone\nSales with the deal desk\nNobody",
            "impact": "Sales, deal desk and finance",
            "evidence": "Nine of the last forty deals began with a price that was not approved afterwards.",
        },
    )
    for name in ("vera", "lena", "fin", "lara"):
        choice = "Sales alone" if name == "vera" else "Sales with the deal desk"
        dissent = "It costs a day." if name == "vera" else ""
        council.vote(by=people[name], pk=decided.pk, choice=choice, dissent=dissent)
    council.decide(by=people["lara"], pk=decided.pk, outcome="Sales with the deal desk")
    council.add_follow_up(
        by=people["lara"],
        pk=decided.pk,
        text="Write down when the deal desk joins a talk",
        owner=people["dan"],
        due_on=clocks.today() + timedelta(days=30),
    )
    waiting = council.create_item(
        by=people["rita"],
        values={
            "topic": "Whether renewals below list price need the council",
            "impact": "Customer success and finance",
            "evidence": "The discounts of the last two quarters, by segment.",
            "meets_on": (clocks.today() + timedelta(days=20)).isoformat(),
        },
    )
    for name in ("vera", "mark"):
        council.vote(by=people[name], pk=waiting.pk, choice="Approve")
