"""What the shells know of clocks. They are read everywhere and written by nobody: what happens moves them."""

from collections.abc import Mapping
from typing import Any, NoReturn

from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.boards import Board, Card
from revops.kernel.records.registry import TIMELINES, Field, FieldKind, Panel, RecordType, add_panel, register
from revops.kernel.records.work.clocks import reading
from revops.kernel.sla import subjects
from revops.kernel.sla.enums import ClockState, Measure

_WHAT, _WHO, _COUNT, _SYSTEM = "What runs", "Who answers for it", "How it counts", "System"
PANEL = Panel("clocks", "Clocks", "clocks/panel.html", reading.of_record)


def _create(*, by: Any, values: Mapping[str, Any]) -> NoReturn:
    raise access.Forbidden("Clocks start with what happens to a record, never by hand.")


def _edit(
    *, by: Any, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> NoReturn:
    raise access.Forbidden("Clocks are moved by what happens to a record, never by hand.")


FIELDS = (
    Field("title", "Clock", group=_WHAT, filterable=True),
    Field(
        "subject", "About", group=_WHAT, filterable=True, help="The number of a record, such as ACC-000012."
    ),
    Field("state", "State", FieldKind.CHOICE, _WHAT, choices=ClockState.choices, filterable=True),
    Field("due_at", "Due", FieldKind.INSTANT, _WHAT, sortable=True, filterable=True),
    Field("started_at", "Started", FieldKind.INSTANT, _WHAT, filterable=True),
    Field("stopped_at", "Ended", FieldKind.INSTANT, _WHAT, filterable=True),
    Field("breached_at", "Breached", FieldKind.INSTANT, _WHAT, filterable=True),
    Field("owner", "Owner", FieldKind.PERSON, _WHO, reference="identity.user", filterable=True),
    Field("team", "Team", FieldKind.REFERENCE, _WHO, reference="people.team", filterable=True),
    Field("measure", "Counts", FieldKind.CHOICE, _COUNT, choices=Measure.choices, filterable=True),
    Field("target_s", "Target in seconds", FieldKind.INTEGER, _COUNT),
    Field("used_s", "Used in runs that are over", FieldKind.INTEGER, _COUNT, help="In seconds."),
    Field("calendar_key", "Calendar", group=_COUNT),
    Field("policy_ref", "By policy", group=_SYSTEM, help="The version it was started under, and keeps."),
    Field("policy_key", "Policy", group=_SYSTEM, filterable=True),
    Field("cycle", "Cycle", FieldKind.INTEGER, _SYSTEM),
    Field("created_at", "Created", FieldKind.INSTANT, _SYSTEM, sortable=True, filterable=True),
    Field("updated_at", "Last changed", FieldKind.INSTANT, _SYSTEM),
)

CLOCK = RecordType(
    label=reading.LABEL,
    slug="clocks",
    prefix="CLK",
    singular="Clock",
    plural="Clocks",
    icon="clock",
    title="title",
    fields=FIELDS,
    columns=("title", "subject", "state", "due_at", "owner", "started_at"),
    create_fields=(),
    create=_create,
    edit=_edit,
    default_sort="due_at",
    panels=(Panel("life", "Where it stands", "clocks/life.html", reading.life),),
    extra={
        "navigation": ("Records", 60, ""),
        "state": "state",
        "figures": ("due_at",),
        "first_panels": ("life",),
        "tones": {"state": reading.TONES},
        "board": Board(
            begins="state", card=Card(about="subject", day="due_at"), folded={"state": ("met", "cancelled")}
        ),
    },
    empty_hint="A clock starts when something happens that has a target: a lead to be called, a decision to be taken.",
    description="Business time that runs towards a target for a record, with everything that moved it.",
)


def _number(record_type: str, pk: int) -> str | None:
    try:
        return registry.get(record_type).number(pk)
    except LookupError:
        return None


register(CLOCK)
add_panel(TIMELINES, PANEL)
subjects.numbered_by("records", _number)
