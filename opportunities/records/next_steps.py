"""What the shells know of the next step of a deal."""

from opportunities.enums import StepKind
from revops.kernel.packets.enums import Side
from revops.kernel.records.registry import Field, FieldKind

_GROUP, _CHOICE = "Next step", FieldKind.CHOICE

FIELDS = (
    Field("next_step", "Next step", group=_GROUP),
    Field("next_step_on", "Next step on", FieldKind.DATE, _GROUP, filterable=True),
    Field(
        "next_step_kind", "Kind of the next step", _CHOICE, _GROUP, choices=StepKind.choices, filterable=True
    ),
    Field("next_step_side", "Whose move it is", _CHOICE, _GROUP, choices=Side.choices, filterable=True),
    Field(
        "next_step_contact",
        "Agreed with",
        FieldKind.REFERENCE,
        _GROUP,
        reference="accounts.contact",
        filterable=True,
        help="Somebody of the buyer's, in the deal or of its account.",
    ),
)
