"""Set the next step of a deal: what, when, whose move, with whom; and what came of the former one. Source: INV-2.3."""

from collections.abc import Mapping
from typing import Any

from accounts.actions import races
from opportunities.actions import drafts, fields
from opportunities.actions.next_steps import keeping
from opportunities.enums import CLOSED, StepKind
from opportunities.models import OppContactRole, Opportunity
from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.packets import rules
from revops.kernel.packets.enums import Side
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.registry import Begun, Field, FieldKind, RecordAction

Values = Mapping[str, Any]
RIGHT = "next_step"
NEEDED = ("next_step", "next_step_on")
DONE = "done"


@races.told
def set_next_step(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> Opportunity:
    """Say what comes next in an open deal; `values` are as somebody typed them.

    They hold `next_step` and `next_step_on`, and may hold `next_step_kind`, `next_step_side`, `next_step_contact`
    (kept from the former step where it is left out) and `done`, what came of the former step: with it that one counts
    as done, without it, it is given up for this one. Raises Blocked with every finding, Conflict, Forbidden.
    """
    with audit.change(by=by, action="opportunity.set_next_step", reason=reason):
        deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=pk, version=version)
        access.require(by, RIGHT, deal)
        write(deal, values, by, reason)
        return deal


def write(deal: Opportunity, values: Values, by: User, reason: str = "") -> None:
    """Set the next step of a locked deal inside the open change. Raises Blocked with every finding."""
    given = {name: value for name, value in values.items() if name != DONE}
    done = " ".join(str(values.get(DONE) or "").split())
    findings = [*_closed(deal), *rules.short(done, DONE)]
    draft = drafts.read(given, deal)
    drafts.check([draft], by)
    _need(draft)
    fields.check_edit(draft, reason, fields.Looked())
    draft.findings += findings
    if draft.findings:
        raise audit.Blocked(draft.findings)
    if done:
        keeping.told().outcomes[deal.pk] = done
    fields.write_edited([draft], by, reason)


def _need(draft: drafting.Draft) -> None:
    """Add a finding for each of the words and the day that are not given."""
    told = {one.field for one in draft.findings}
    for name in NEEDED:
        if name not in told and draft.given.get(name) in (None, ""):
            label = "What comes next" if name == "next_step" else "By when"
            draft.refuse("OPP-114", f"{label} is needed. Fill it in.", name, needed="a value")


def _closed(deal: Opportunity) -> list[Finding]:
    if deal.stage not in CLOSED:
        return []
    message = "The deal is closed; it has no next step. Reopen it first."
    return [Finding("OPP-115", message, field="next_step", found=deal.stage, needed="an open deal")]


def _run(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Opportunity:
    return set_next_step(by=by, pk=pk, values=asked(values), version=version, reason=reason)


def asked(values: Values) -> dict[str, Any]:
    """Return what somebody entered into the form; what was left empty stays as it was."""
    given = drafting.answers(SET_NEXT_STEP, values)
    return {name: value for name, value in given.items() if value not in (None, "")}


def _begins(deal: Any, user: Any, typed: Mapping[str, str]) -> Begun:
    """Offer the people in the deal, the one of the former step first; ask of a former step only where there is one."""
    rows = OppContactRole.objects.filter(opportunity=deal.pk, is_active=True).order_by("-is_primary", "pk")
    people = dict(rows.values_list("contact_id", "contact__name"))
    if deal.next_step_contact_id is not None:
        people.setdefault(deal.next_step_contact_id, str(deal.next_step_contact))
    chosen = "" if deal.next_step_contact_id is None else str(deal.next_step_contact_id)
    offered = [(str(pk), name) for pk, name in people.items()]
    return Begun(
        {"next_step_kind": str(StepKind.STEP), "next_step_side": str(Side.US), "next_step_contact": chosen},
        {"next_step_contact": offered} if offered else {},
        () if deal.next_step else (DONE,),
    )


def _is_open(deal: Any) -> bool:
    return deal.stage not in CLOSED


FIELDS = (
    Field(
        "next_step",
        "What comes next",
        required=True,
        help="Who does what with whom, in ten characters or more.",
    ),
    Field("next_step_on", "By when", FieldKind.DATE, required=True),
    Field(
        "next_step_kind",
        "Kind",
        FieldKind.CHOICE,
        choices=StepKind.choices,
        help="Step, if nothing is chosen.",
    ),
    Field("next_step_side", "Whose move", FieldKind.CHOICE, choices=Side.choices),
    Field(
        "next_step_contact",
        "With whom of the buyer's",
        FieldKind.REFERENCE,
        reference="accounts.contact",
        help="Needed from evaluation on; the one of the former step, if nobody is chosen.",
    ),
    Field(
        DONE, "What came of the former one", help="Then it counts as done; else it is given up for this one."
    ),
)
SET_NEXT_STEP = RecordAction(
    "set_next_step",
    "Set the next step",
    FIELDS,
    _run,
    icon="arrow-right",
    help="An open deal has one next step: said, dated, and not too far ahead.",
    right=RIGHT,
    fits=_is_open,
    begins=_begins,
)
