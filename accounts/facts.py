"""What rules may ask about accounts."""

from accounts.enums import AccountKind, AccountStatus, CreditStatus, DomainKind, Industry, Segment
from accounts.models import AccountDomain
from revops.kernel.policies.facts import Collection, Fact, FactSchema, register
from revops.kernel.policies.kinds import FactKind

_DOMAINS = Collection(
    "account.domains",
    "Domains",
    rows=lambda: AccountDomain.objects.filter(is_active=True),
    link="account_id",
    facts=(
        Fact("domain", "Domain"),
        Fact("kind", "Kind", FactKind.CHOICE, choices=DomainKind.choices),
        Fact("verified_at", "Verified", FactKind.INSTANT),
        Fact("source", "Source"),
    ),
)

ACCOUNT = register(
    FactSchema(
        "accounts.account",
        facts=(
            Fact("account.name", "Name", folded="name_key", folded_length=400),
            Fact("account.legal_name", "Legal name"),
            Fact("account.status", "Status", FactKind.CHOICE, choices=AccountStatus.choices),
            Fact("account.kind", "Kind", FactKind.CHOICE, choices=AccountKind.choices),
            Fact("account.segment", "Segment", FactKind.CHOICE, choices=Segment.choices),
            Fact("account.industry", "Industry", FactKind.CHOICE, choices=Industry.choices),
            Fact("account.employees", "Employees", FactKind.INTEGER),
            Fact("account.annual_revenue", "Annual revenue", FactKind.MONEY),
            Fact("account.currency", "Currency"),
            Fact("account.country", "Country"),
            Fact("account.region", "State or region"),
            Fact("account.city", "City"),
            Fact("account.primary_domain", "Primary domain"),
            Fact("account.phone", "Phone"),
            Fact("account.website", "Website"),
            Fact("account.territory", "Territory", FactKind.REFERENCE),
            Fact("account.owner", "Owner", FactKind.REFERENCE),
            Fact("account.queue", "Queue", FactKind.REFERENCE),
            Fact("account.parent", "Parent account", FactKind.REFERENCE),
            Fact("account.inherit_ownership", "Follows the parent's owner", FactKind.BOOLEAN),
            Fact("account.customer_since", "Customer since", FactKind.DATE),
            Fact("account.billing_account_ext", "Billing account"),
            Fact("account.clm_party_ext", "Contract party"),
            Fact("account.tax_id", "Tax id"),
            Fact("account.credit_status", "Credit", FactKind.CHOICE, choices=CreditStatus.choices),
            Fact("account.source_original", "Original source"),
            Fact("account.created_at", "Created", FactKind.INSTANT),
        ),
        collections=(_DOMAINS,),
    )
)
