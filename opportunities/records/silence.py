"""What was done about silent deals as the shells know it: served by the API, shown on the page of the deal."""

from collections.abc import Mapping
from typing import Any, NoReturn

from opportunities.actions.sweeping.stalling import STALL
from opportunities.enums import SweepStep
from opportunities.queries import silence
from revops.kernel.people import access
from revops.kernel.records.registry import (
    Field,
    FieldKind,
    Panel,
    RecordType,
    add_action,
    add_panel,
    register,
)

_DEAL = "opportunities.opportunity"
_INSTANT, _DATE = FieldKind.INSTANT, FieldKind.DATE
_PERSON: dict[str, Any] = {"reference": "identity.user"}


def _create(*, by: Any, values: Mapping[str, Any]) -> NoReturn:
    """Refuse: a step is taken by the sweep."""
    raise access.Forbidden("Steps about silent deals are taken by the daily sweep, never by hand.")


def _edit(
    *, by: Any, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> NoReturn:
    """Refuse: a step is a ledger row."""
    raise access.Forbidden("Steps about silent deals are a ledger. Say why a deal stalls on the deal.")


IDLE_STEP = RecordType(
    label="opportunities.idlestep",
    slug="idle-steps",
    prefix="IDL",
    singular="Step about a silent deal",
    plural="Steps about silent deals",
    icon="player-pause",
    title="step",
    fields=(
        Field("opportunity", "Deal", FieldKind.REFERENCE, reference=_DEAL, filterable=True),
        Field("step", "Step", FieldKind.CHOICE, choices=SweepStep.choices, filterable=True),
        Field("silent_since", "Silent since", _DATE, filterable=True),
        Field("idle_days", "Idle days", FieldKind.INTEGER, filterable=True),
        Field("taken_at", "Taken", _INSTANT, sortable=True, filterable=True),
        Field("closes_on", "Closed no sooner than", _DATE, filterable=True),
        Field("told", "Told", FieldKind.PERSON, filterable=True, **_PERSON),
        Field("rule", "By policy"),
        Field("reason_code", "Why it stalls", filterable=True),
        Field("note", "In words", FieldKind.LONG_TEXT),
        Field("said_by", "Said by", FieldKind.PERSON, **_PERSON),
        Field("said_at", "Said", _INSTANT, filterable=True),
        Field("created_at", "Created", _INSTANT, sortable=True),
    ),
    columns=("step", "opportunity", "idle_days", "taken_at", "closes_on", "told"),
    create_fields=(),
    create=_create,
    edit=_edit,
    default_sort="-taken_at",
    description="What the daily sweep did about a deal whose buyer is silent.",
    has_pages=False,
)

register(IDLE_STEP)
add_action(_DEAL, STALL)
add_panel(_DEAL, Panel("silence", "Silence", "opportunities/panels/silence.html", silence.told))
