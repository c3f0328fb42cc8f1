"""Attempts to pass gates, as the API serves them: who tried what, what came of it, and every reason against it."""

from collections.abc import Mapping
from typing import Any, NoReturn

from revops.kernel.gates.enums import Outcome
from revops.kernel.people import access
from revops.kernel.records.registry import Field, FieldKind, RecordType, register


def _create(*, by: Any, values: Mapping[str, Any]) -> NoReturn:
    """Refuse: an attempt is written by trying."""
    raise access.Forbidden("Attempts to pass a gate are written by trying to, never by hand.")


def _edit(
    *, by: Any, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> NoReturn:
    """Refuse: an attempt is a ledger row."""
    raise access.Forbidden("Attempts to pass a gate are a ledger; none of them is changed.")


ATTEMPT = RecordType(
    label="gates.gateattempt",
    slug="gate-attempts",
    prefix="ATT",
    singular="Attempt to pass a gate",
    plural="Attempts to pass gates",
    icon="door-enter",
    title="transition",
    fields=(
        Field("machine", "States of", filterable=True),
        Field("transition", "Transition", filterable=True),
        Field("subject_type", "Kind of record", filterable=True),
        Field("subject_id", "Record", FieldKind.INTEGER, filterable=True),
        Field("from_state", "From", filterable=True),
        Field("to_state", "To", filterable=True),
        Field("outcome", "Outcome", FieldKind.CHOICE, choices=Outcome.choices, filterable=True),
        Field("source", "Through", filterable=True),
        Field("tried_by", "Tried by", FieldKind.PERSON, reference="identity.user", filterable=True),
        Field("tried_at", "Tried", FieldKind.INSTANT, sortable=True, filterable=True),
        Field("owner", "Owner of the record", FieldKind.PERSON, reference="identity.user", filterable=True),
        Field("created_at", "Created", FieldKind.INSTANT, sortable=True),
    ),
    columns=("transition", "from_state", "to_state", "outcome", "tried_by", "tried_at"),
    create_fields=(),
    create=_create,
    edit=_edit,
    default_sort="-tried_at",
    description="Somebody tried to bring a record past its gates: it passed, or was refused for every reason told.",
    has_pages=False,
)

register(ATTEMPT)
