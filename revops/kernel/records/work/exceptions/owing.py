"""What the shells know of gate debts: served by the API, shown on the page of their record, written by no hand."""

from collections.abc import Mapping
from typing import Any, NoReturn

from revops.kernel.gates.exceptions.enums import DebtState
from revops.kernel.people import access
from revops.kernel.records.registry import Field, FieldKind, RecordType, register


def _create(*, by: Any, values: Mapping[str, Any]) -> NoReturn:
    raise access.Forbidden("A gate debt comes of an exception that is over, never by hand.")


def _edit(
    *, by: Any, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> NoReturn:
    raise access.Forbidden("A gate debt is cleared by supplying what is owed, never by hand.")


DEBT = RecordType(
    label="gates.gatedebt",
    slug="gate-debts",
    prefix="DBT",
    singular="Gate debt",
    plural="Gate debts",
    icon="receipt-2",
    title="name",
    fields=(
        Field("name", "Owed"),
        Field("state", "State", FieldKind.CHOICE, choices=DebtState.choices, filterable=True),
        Field("subject", "Record", filterable=True, help="The number of the record that owes it."),
        Field("policy_key", "Policy", filterable=True),
        Field("criterion_key", "Line of the policy", filterable=True),
        Field("exception", "Exception", FieldKind.REFERENCE, reference="gates.policyexception"),
        Field("owner", "Owner", FieldKind.PERSON, reference="identity.user", filterable=True),
        Field("opened_at", "Owed since", FieldKind.INSTANT, filterable=True),
        Field("due_at", "Due", FieldKind.INSTANT, sortable=True, filterable=True),
        Field("closed_at", "Closed", FieldKind.INSTANT, filterable=True),
        Field("created_at", "Created", FieldKind.INSTANT, group="System", sortable=True),
    ),
    columns=("name", "state", "subject", "due_at", "owner"),
    create_fields=(),
    create=_create,
    edit=_edit,
    default_sort="due_at",
    has_pages=False,
    description="What a record owes since the exception that excused it from a line of a policy is over.",
)

register(DEBT)
