"""What deals let one do with a lead, as the shells offer it: convert it."""

from collections.abc import Mapping
from typing import Any

from accounts.enums import LeadStatus
from accounts.models import Lead
from opportunities.actions.converting import convert_lead
from opportunities.enums import OpportunityType
from revops.kernel.identity.models import User
from revops.kernel.records.drafting import answers
from revops.kernel.records.registry import Field, FieldKind, RecordAction


def _convert(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Lead:
    given = answers(CONVERT, values)
    return convert_lead(by=by, pk=pk, values=given, version=version, reason=reason).lead


CONVERT = RecordAction(
    "convert",
    "Convert",
    (
        Field(
            "account",
            "Into the account",
            FieldKind.REFERENCE,
            reference="accounts.account",
            help="Empty: the account that the lead matches, or a new one of its company.",
        ),
        Field(
            "contact",
            "Into the contact",
            FieldKind.REFERENCE,
            reference="accounts.contact",
            help="Empty: the contact with the lead's address, or a new one.",
        ),
        Field("open_deal", "Open a deal", FieldKind.BOOLEAN, "Deal"),
        Field("type", "Type", FieldKind.CHOICE, "Deal", choices=OpportunityType.choices),
        Field("primary_product", "Product", FieldKind.REFERENCE, "Deal", reference="accounts.product"),
        Field("use_case", "Use case", FieldKind.REFERENCE, "Deal", reference="opportunities.usecase"),
        Field("amount", "Amount", FieldKind.MONEY, "Deal"),
        Field("close_date", "Close date", FieldKind.DATE, "Deal"),
        Field("next_step", "Next step", group="Deal"),
        Field("next_step_on", "Next step on", FieldKind.DATE, "Deal"),
    ),
    _convert,
    icon="arrow-merge",
    help="The lead becomes an account and a contact and, where there is business, a deal.",
    fits=lambda lead: lead.status == LeadStatus.WORKING,
    primary=True,
)
