"""What rules may ask about accounts, contacts and leads."""

from accounts.enums import (
    AccountKind,
    AccountStatus,
    ContactStatus,
    CreditStatus,
    Department,
    Disposition,
    DomainKind,
    Industry,
    LeadStatus,
    Segment,
    Seniority,
    Source,
    SubscriberType,
)
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

CONTACT = register(
    FactSchema(
        "accounts.contact",
        facts=(
            Fact("contact.status", "Status", FactKind.CHOICE, choices=ContactStatus.choices),
            Fact("contact.account", "Account", FactKind.REFERENCE),
            Fact("contact.title", "Title"),
            Fact("contact.seniority", "Seniority", FactKind.CHOICE, choices=Seniority.choices),
            Fact("contact.department", "Department", FactKind.CHOICE, choices=Department.choices),
            Fact("contact.country", "Country"),
            Fact("contact.time_zone", "Time zone"),
            Fact("contact.subscriber_type", "Subscriber", FactKind.CHOICE, choices=SubscriberType.choices),
            Fact("contact.primary_email", "Main e-mail"),
            Fact("contact.primary_phone", "Main phone"),
            Fact("contact.source_original", "Original source", FactKind.CHOICE, choices=Source.choices),
            Fact("contact.owner", "Owner", FactKind.REFERENCE),
            Fact("contact.created_at", "Created", FactKind.INSTANT),
        ),
    )
)

LEAD = register(
    FactSchema(
        "accounts.lead",
        facts=(
            Fact("lead.status", "Status", FactKind.CHOICE, choices=LeadStatus.choices),
            Fact("lead.company", "Company", folded="company_key", folded_length=400),
            Fact("lead.title", "Title"),
            Fact("lead.email", "E-mail"),
            Fact("lead.email_domain", "E-mail domain"),
            Fact("lead.phone", "Phone"),
            Fact("lead.mobile_phone", "Mobile"),
            Fact("lead.country", "Country"),
            Fact("lead.region", "State or region"),
            Fact("lead.city", "City"),
            Fact("lead.industry", "Industry", FactKind.CHOICE, choices=Industry.choices),
            Fact("lead.employees", "Employees", FactKind.INTEGER),
            Fact("lead.annual_revenue", "Annual revenue", FactKind.MONEY),
            Fact("lead.currency", "Currency"),
            Fact("lead.source_original", "Original source", FactKind.CHOICE, choices=Source.choices),
            Fact("lead.source_latest", "Latest source", FactKind.CHOICE, choices=Source.choices),
            Fact("lead.campaign", "Campaign", FactKind.REFERENCE),
            Fact("lead.utm_source", "UTM source"),
            Fact("lead.utm_medium", "UTM medium"),
            Fact("lead.utm_campaign", "UTM campaign"),
            Fact("lead.intent_score", "Intent score", FactKind.INTEGER),
            Fact("lead.icp_score", "Fit score", FactKind.INTEGER),
            Fact("lead.disposition_reason", "Because", FactKind.CHOICE, choices=Disposition.choices),
            Fact("lead.matched_account", "Matched account", FactKind.REFERENCE),
            Fact("lead.owner", "Owner", FactKind.REFERENCE),
            Fact("lead.queue", "Queue", FactKind.REFERENCE),
            Fact("lead.created_at", "Created", FactKind.INSTANT),
        ),
    )
)
