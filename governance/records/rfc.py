"""Requests for change as the shells know them."""

from collections.abc import Mapping
from typing import Any, NoReturn

from governance.actions.rfcs import approving, create_rfc, edit_rfc
from governance.actions.rfcs.columns import BY_STATE
from governance.actions.rfcs.forms import ACTIONS
from governance.enums import CHANGEABLE, RfcState, Urgency
from governance.queries import rfc as queries
from revops.kernel.people import access
from revops.kernel.records.boards import Board, Card
from revops.kernel.records.registry import (
    Field,
    FieldKind,
    Panel,
    RecordType,
    SearchSource,
    add_panel,
    register,
)
from revops.kernel.records.work.approvals import showing
from revops.kernel.records.work.clocks.declaring import PANEL as CLOCKS

_WHAT, _BACK, _WHEN, _BOARD, _SYSTEM = "What and why", "The way back", "When", "Decision", "System"
_LONG, _INSTANT, _YES_NO = FieldKind.LONG_TEXT, FieldKind.INSTANT, FieldKind.BOOLEAN
_PERSON: dict[str, Any] = {"reference": "identity.user"}

FIELDS = (
    Field("title", "Title", group=_WHAT, required=True, filterable=True),
    Field("problem", "Problem", _LONG, _WHAT, help="What goes wrong today, and how one knows."),
    Field("proposal", "Proposal", _LONG, _WHAT, help="What is to change, in words."),
    Field(
        "impact", "Impact", _LONG, _WHAT, help="Who works differently afterwards, and what it means for them."
    ),
    Field("training", "Who is told and taught", _LONG, _WHAT),
    Field(
        "drafts",
        "Drafts",
        FieldKind.REFERENCES,
        _WHAT,
        reference="policies.policyversion",
        help="The policy drafts that go live with this request; all of them or none.",
    ),
    Field(
        "rollback_plan",
        "How it is taken back",
        _LONG,
        _BACK,
        help="What to look at, who decides, and what has to be done besides the one click.",
    ),
    Field(
        "migrate", "Binds what is in flight", _YES_NO, _BACK, help="Otherwise it holds for what begins later."
    ),
    Field(
        "urgency",
        "Urgency",
        FieldKind.CHOICE,
        _WHEN,
        choices=Urgency.choices,
        filterable=True,
        help="In an emergency one of the board decides at once, and all of it ratifies within a business day.",
    ),
    Field("window_from", "Change window from", _INSTANT, _WHEN),
    Field("window_to", "Change window until", _INSTANT, _WHEN),
    Field("planned_at", "Planned to go live", _INSTANT, _WHEN, filterable=True),
    Field("state", "State", FieldKind.CHOICE, _BOARD, choices=RfcState.choices, filterable=True),
    Field("requester", "Asked for by", FieldKind.PERSON, _BOARD, filterable=True, **_PERSON),
    Field("touches_sales", "Touches what sales own", _YES_NO, _BOARD, filterable=True),
    Field("touches_marketing", "Touches what marketing own", _YES_NO, _BOARD, filterable=True),
    Field("touches_money", "Touches money and terms", _YES_NO, _BOARD, filterable=True),
    Field("submitted_at", "Submitted", _INSTANT, _BOARD, filterable=True),
    Field("decided_at", "Decided", _INSTANT, _BOARD),
    Field("live_at", "Live since", _INSTANT, _BOARD, filterable=True),
    Field("live_by", "Put live by", FieldKind.PERSON, _BOARD, **_PERSON),
    Field("check_due_on", "Checked by", FieldKind.DATE, _BOARD, filterable=True),
    Field("ratified_at", "Ratified", _INSTANT, _BOARD),
    Field("rollback_asked_at", "To be rolled back since", _INSTANT, _BOARD, filterable=True),
    Field("rolled_back_at", "Rolled back", _INSTANT, _BOARD),
    Field("rolled_back_by", "Rolled back by", FieldKind.PERSON, _BOARD, **_PERSON),
    Field("created_at", "Created", _INSTANT, _SYSTEM, sortable=True, filterable=True),
    Field("updated_at", "Last changed", _INSTANT, _SYSTEM),
)
_WORDS = frozenset(
    {"title", "problem", "proposal", "impact", "rollback_plan", "training", "urgency", "migrate"}
    | {"window_from", "window_to", "planned_at"}
)


def settled(rfc: Any) -> frozenset[str]:
    """Return the fields that do not change any more: all of them once it is live, or given up."""
    return frozenset() if rfc.state in CHANGEABLE else _WORDS


RFC = RecordType(
    label="governance.changerequest",
    slug="rfcs",
    prefix="RFC",
    singular="Request for change",
    plural="Requests for change",
    icon="git-pull-request",
    title="title",
    fields=FIELDS,
    columns=("title", "state", "urgency", "requester", "submitted_at", "planned_at", "live_at"),
    create_fields=(
        "title",
        "problem",
        "proposal",
        "impact",
        "training",
        "drafts",
        "rollback_plan",
        "migrate",
        "urgency",
        "window_from",
        "window_to",
        "planned_at",
    ),
    create=create_rfc,
    edit=edit_rfc,
    settled=settled,
    default_sort="-created_at",
    search=(SearchSource("governance.changerequest", "pk", ("title",)),),
    panels=(
        Panel("lacks", "Before it can be submitted", "governance/panels/lacks.html", queries.lacks),
        Panel("diff", "What changes", "governance/panels/diff.html", queries.diffs),
        Panel("simulation", "What it would do", "governance/panels/simulation.html", queries.simulations),
        Panel("check", "What came of it", "governance/panels/check.html", queries.outcome),
        Panel("ratification", "Ratification", "approvals/panels/standing.html", queries.ratification),
        Panel("council", "Council", "governance/panels/council.html", queries.council),
    ),
    actions=ACTIONS,
    empty_hint="A request for change brings new rules in force. Draft a policy first, or write down what should be.",
    description="A change of the rules: why, what exactly, what it would do, how it is taken back, who decided.",
    extra={
        "board": Board(
            begins="state",
            card=Card(day="planned_at", person="requester"),
            movers=(BY_STATE,),
            folded={"state": ("withdrawn", "rejected")},
        ),
        "state": "state",
        "figures": ("urgency", "planned_at"),
        "navigation": ("Governance", 10, ""),
        "tones": {
            "state": {
                "draft": "grey",
                "submitted": "blue",
                "approved": "green",
                "scheduled": "violet",
                "live": "green",
                "rejected": "red",
                "rolled_back": "amber",
            },
            "urgency": {"urgent": "amber", "emergency": "red"},
        },
        "first_panels": ("lacks", "check"),
        "quiet_panels": ("lacks", "check", "council", "ratification", CLOCKS.key),
        "wide_panels": ("diff", "simulation"),
    },
)


def _no_create(*, by: Any, values: Mapping[str, Any]) -> NoReturn:
    """Refuse: drafts are attached by an action of their request."""
    raise access.Forbidden("A draft is attached on its request.")


def _no_edit(
    *, by: Any, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> NoReturn:
    """Refuse: drafts are attached and taken off by actions of their request."""
    raise access.Forbidden("What stands in a request is attached and taken off, not edited.")


CHANGE = RecordType(
    label="governance.rfcchange",
    slug="rfc-changes",
    prefix="RFD",
    singular="Change of a request",
    plural="Changes of requests",
    icon="git-commit",
    title="policy_version",
    fields=(
        Field("rfc", "Request", FieldKind.REFERENCE, reference="governance.changerequest", filterable=True),
        Field(
            "policy_version",
            "Draft",
            FieldKind.REFERENCE,
            reference="policies.policyversion",
            filterable=True,
        ),
        Field("replaced", "Replaced", FieldKind.REFERENCE, reference="policies.policyversion"),
        Field("simulation", "Simulation", FieldKind.REFERENCE, reference="policies.keptsimulation"),
        Field("is_active", "Stands", FieldKind.BOOLEAN, filterable=True),
        Field("created_at", "Attached", FieldKind.INSTANT, sortable=True, filterable=True),
    ),
    columns=("rfc", "policy_version", "is_active"),
    create_fields=(),
    create=_no_create,
    edit=_no_edit,
    default_sort="-created_at",
    description="A policy draft that stands in a request for change.",
    has_pages=False,
)

register(RFC)
register(CHANGE)
showing.panel_on(approving.PURPOSE)
add_panel(RFC.label, CLOCKS)
