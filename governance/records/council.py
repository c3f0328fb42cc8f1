"""Topics of the council as the shells know them."""

from collections.abc import Mapping
from typing import Any, NoReturn

from governance.actions.council import create_item, edit_item
from governance.actions.council.forms import ACTIONS
from governance.enums import UNDECIDED, DecisionState, Seat, Urgency
from governance.queries import council as queries
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
from revops.kernel.records.work.clocks.declaring import PANEL as CLOCKS

_TOPIC, _MEETING, _DECISION, _SYSTEM = "Topic", "Meeting", "Decision", "System"
_LONG, _INSTANT = FieldKind.LONG_TEXT, FieldKind.INSTANT
_PERSON: dict[str, Any] = {"reference": "identity.user"}
_URGENCIES = [(one.value, str(one.label)) for one in (Urgency.STANDARD, Urgency.URGENT)]
_WORDS = frozenset({"topic", "options", "impact", "evidence", "urgency", "owner", "meets_on"})


def settled(item: Any) -> frozenset[str]:
    """Return the fields that do not change any more: all of them once it is decided or withdrawn."""
    return frozenset() if item.state in UNDECIDED else _WORDS


ITEM = RecordType(
    label="governance.decisionitem",
    slug="council",
    prefix="DEC",
    singular="Council decision",
    plural="Council decisions",
    icon="gavel",
    title="topic",
    fields=(
        Field("topic", "Topic", group=_TOPIC, required=True, filterable=True),
        Field(
            "options", "Options", _LONG, _TOPIC, help="One a line; “Approve” and “Reject” if you leave it."
        ),
        Field("impact", "Impact", _LONG, _TOPIC, help="What it means for whom."),
        Field(
            "evidence",
            "Evidence",
            _LONG,
            _TOPIC,
            help="What the decision rests on. Needed before it is taken.",
        ),
        Field("rfc", "Request for change", FieldKind.REFERENCE, _TOPIC, reference="governance.changerequest"),
        Field("urgency", "Urgency", FieldKind.CHOICE, _MEETING, choices=_URGENCIES, filterable=True),
        Field("meets_on", "Meeting on", FieldKind.DATE, _MEETING, filterable=True),
        Field("owner", "Owner", FieldKind.PERSON, _MEETING, filterable=True, **_PERSON),
        Field("proposer", "Brought by", FieldKind.PERSON, _MEETING, filterable=True, **_PERSON),
        Field("state", "State", FieldKind.CHOICE, _DECISION, choices=DecisionState.choices, filterable=True),
        Field("outcome", "Outcome", group=_DECISION),
        Field("decided_at", "Decided", _INSTANT, _DECISION, filterable=True),
        Field("decided_under", "Quorum as of", group=_DECISION),
        Field("created_at", "Created", _INSTANT, _SYSTEM, sortable=True, filterable=True),
        Field("updated_at", "Last changed", _INSTANT, _SYSTEM),
    ),
    columns=("topic", "state", "urgency", "meets_on", "owner", "outcome", "decided_at"),
    create_fields=("topic", "options", "impact", "evidence", "rfc", "urgency", "meets_on", "owner"),
    create=create_item,
    edit=edit_item,
    settled=settled,
    default_sort="-created_at",
    search=(SearchSource("governance.decisionitem", "pk", ("topic",)),),
    panels=(
        Panel("votes", "Votes", "governance/panels/votes.html", queries.ballot),
        Panel("follow_ups", "What follows", "governance/panels/follow_ups.html", queries.follow_ups),
    ),
    actions=ACTIONS,
    empty_hint="The council decides what goes beyond one function. Put a topic before it.",
    description="Something the council decides: the options, a vote a seat, the outcome, what follows.",
    extra={
        "board": Board(begins="state", card=Card(day="meets_on"), folded={"state": ("withdrawn",)}),
        "state": "state",
        "figures": ("urgency", "meets_on"),
        "navigation": ("Governance", 30, ""),
        "tones": {
            "state": {"proposed": "blue", "scheduled": "violet", "decided": "green", "deferred": "amber"},
            "urgency": {"urgent": "amber"},
        },
        "first_panels": ("votes",),
        "quiet_panels": ("follow_ups", CLOCKS.key),
    },
)


def _no_create(*, by: Any, values: Mapping[str, Any]) -> NoReturn:
    """Refuse: a vote is cast on its topic."""
    raise access.Forbidden("A vote is cast on its topic.")


def _no_edit(
    *, by: Any, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> NoReturn:
    """Refuse: a vote is changed by voting again."""
    raise access.Forbidden("A vote is changed by voting again on its topic.")


VOTE = RecordType(
    label="governance.decisionvote",
    slug="council-votes",
    prefix="VOT",
    singular="Vote",
    plural="Votes",
    icon="checkbox",
    title="choice",
    fields=(
        Field("item", "Topic", FieldKind.REFERENCE, reference="governance.decisionitem", filterable=True),
        Field("seat", "Seat", FieldKind.CHOICE, choices=Seat.choices, filterable=True),
        Field("voter", "Voter", FieldKind.PERSON, filterable=True, **_PERSON),
        Field("choice", "For the option"),
        Field("dissent", "Disagrees with"),
        Field("cast_at", "Cast", _INSTANT, filterable=True),
        Field("created_at", "Created", _INSTANT, sortable=True, filterable=True),
    ),
    columns=("item", "seat", "voter", "choice", "cast_at"),
    create_fields=(),
    create=_no_create,
    edit=_no_edit,
    default_sort="-created_at",
    description="The vote of one seat of the council about one topic.",
    has_pages=False,
)

register(ITEM)
register(VOTE)
add_panel(ITEM.label, CLOCKS)
