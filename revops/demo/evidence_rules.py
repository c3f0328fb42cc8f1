"""How the demo company came to ask for evidence: few criteria at first, all of them since this week."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from governance.actions import rfcs
from governance.models import ChangeRequest
from opportunities.policies import EXIT_CRITERIA, REQUIRED
from revops.demo import governing
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.kernel.identity.models import User
from revops.kernel.policies.actions import activate_version, draft_version

# What was asked from the beginning; everything else was only counted.
FROM_THE_BEGINNING = frozenset(
    {
        "contact_with_role",
        "lifecycle_fields",
        "budget_owner",
        "start_date",
        "loss_reason",
        "competitor",
        "last_buyer_contact",
    }
)
_REQUEST = {
    "title": "Ask for the buyer's evidence at every stage",
    "problem": "Deals stand in Proposal although nobody has met who pays. Forecast calls are about hygiene.",
    "proposal": "Every criterion of the stages holds back from now on, and no longer only counts.",
    "impact": "Open deals stay where they are. Their next move asks for what the simulation lists.",
    "rollback_plan": "One click brings the criteria of before back; what was supplied in the meantime stays.",
    "training": "Half an hour a team, with their own deals on the screen.",
}


def begin(people: Mapping[str, User]) -> None:
    """Put the few criteria and required fields of the first years in force."""
    rows = [dict(one) for one in EXIT_CRITERIA.default["criteria"]]
    for row in rows:
        if row["key"] not in FROM_THE_BEGINNING:
            row["mode"] = "observe"
    fields = [dict(row) for row in REQUIRED.default["fields"]]
    for field in fields:
        if field["field"] == "opportunity.next_step_on":
            field["mode"] = "observe"
    for key, body in ((EXIT_CRITERIA.key, {"criteria": rows}), (REQUIRED.key, {"fields": fields})):
        draft = draft_version(by=people["rita"], key=key, body=body, source_note="As it was")
        activate_version(by=people["rita"], pk=draft.pk)


def write(diary: Diary) -> None:
    """Write down the request by which all criteria came into force, four days ago."""
    at, held = timedelta(days=DAYS - 5), list[ChangeRequest]()
    diary.note(at, partial(_ask, diary, held))
    for step, deed in enumerate(governing.way(diary, "live", held), 1):
        diary.note(at + timedelta(hours=5 * step), deed)


def _ask(diary: Diary, held: list[ChangeRequest]) -> None:
    olga = diary.people["olga"]
    drafts = [
        draft_version(by=olga, key=one.key, body=dict(one.default), source_note=_REQUEST["title"])
        for one in (EXIT_CRITERIA, REQUIRED)
    ]
    asked = ",".join(str(draft.pk) for draft in drafts)
    held.append(rfcs.create_rfc(by=olga, values={**_REQUEST, "drafts": asked}))
