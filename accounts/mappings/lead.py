"""How the files of other systems become leads (spec mappings.md).

HubSpot knows no lead: its contacts go through stages of a lifecycle. One that marketing has qualified is taken as
accepted and one that sales has qualified as being worked on; whoever is an opportunity or a customer there is
converted here.
"""

from accounts.actions.leads import importing
from accounts.enums import Industry, LeadStatus, Source
from accounts.mappings import sources
from accounts.mappings.account import HUBSPOT_INDUSTRY, SALESFORCE_INDUSTRY
from revops.kernel.exchange.importers import Importer, register
from revops.kernel.exchange.mapping import Column, Mapping

_SALESFORCE_STATUS = {
    "open - not contacted": LeadStatus.NEW,
    "working - contacted": LeadStatus.WORKING,
    "closed - converted": LeadStatus.CONVERTED,
    "closed - not converted": LeadStatus.DISQUALIFIED,
    "open": LeadStatus.NEW,
    "contacted": LeadStatus.WORKING,
    "qualified": LeadStatus.ACCEPTED,
    "nurturing": LeadStatus.NURTURE,
    "unqualified": LeadStatus.DISQUALIFIED,
}
_HUBSPOT_LIFECYCLE = {
    "subscriber": LeadStatus.NEW,
    "lead": LeadStatus.NEW,
    "marketingqualifiedlead": LeadStatus.ACCEPTED,
    "marketing qualified lead": LeadStatus.ACCEPTED,
    "salesqualifiedlead": LeadStatus.WORKING,
    "sales qualified lead": LeadStatus.WORKING,
    "opportunity": LeadStatus.CONVERTED,
    "customer": LeadStatus.CONVERTED,
    "evangelist": LeadStatus.CONVERTED,
}

SALESFORCE = Mapping(
    name="salesforce",
    record_type="accounts.lead",
    system="salesforce",
    external_id="Id",
    also_external_id=("Lead ID", "LeadId"),
    skip_column="IsDeleted",
    migration=True,
    columns=(
        Column("Salutation", "salutation"),
        Column("FirstName", "first_name"),
        Column("LastName", "last_name"),
        Column("Title", "title"),
        Column("Company", "company", also=("Company / Account",)),
        Column("Email", "email"),
        Column("Phone", "phone"),
        Column("MobilePhone", "mobile_phone", also=("Mobile",)),
        Column("Website", "website"),
        Column("CountryCode", "country"),
        Column("Country", "country"),
        Column("State", "region", also=("State/Province",)),
        Column("City", "city"),
        Column(
            "Industry", "industry", values=SALESFORCE_INDUSTRY, fallback=Industry.OTHER, raw="industry_note"
        ),
        Column("NumberOfEmployees", "employees", also=("No. of Employees", "Employees")),
        Column("AnnualRevenue", "annual_revenue"),
        Column("CurrencyIsoCode", "currency", also=("Lead Currency",)),
        Column(
            "LeadSource",
            "source_original",
            values=sources.SALESFORCE,
            fallback=Source.OTHER,
            raw="source_note",
        ),
        Column("utm_source__c", "utm_source", also=("utm_source_c", "utm_source")),
        Column("utm_medium__c", "utm_medium", also=("utm_medium_c", "utm_medium")),
        Column("utm_campaign__c", "utm_campaign", also=("utm_campaign_c", "utm_campaign")),
        Column("utm_content__c", "utm_content", also=("utm_content_c", "utm_content")),
        Column("utm_term__c", "utm_term", also=("utm_term_c", "utm_term")),
        Column("Status", "status", also=("Lead Status",), values=_SALESFORCE_STATUS, fallback=LeadStatus.NEW),
        Column("Description", "description"),
        Column("OwnerId", "owner", also=("Lead Owner Email",)),
        Column("CreatedDate", "created_at", also=("Create Date",)),
        Column("ConvertedDate", "converted_at", also=("Converted Date",)),
        Column("ConvertedAccountId", "converted_account", also=("Converted Account ID",)),
        Column("ConvertedContactId", "converted_contact", also=("Converted Contact ID",)),
    ),
)

HUBSPOT = Mapping(
    name="hubspot",
    record_type="accounts.lead",
    system="hubspot",
    external_id="id",
    also_external_id=("Record ID", "hs_object_id", "Contact ID"),
    skip_column="_fivetran_deleted",
    migration=True,
    columns=(
        Column("firstname", "first_name", also=("property_firstname", "First Name")),
        Column("lastname", "last_name", also=("property_lastname", "Last Name")),
        Column("jobtitle", "title", also=("property_jobtitle", "Job Title")),
        Column("company", "company", also=("property_company", "Company Name")),
        Column("email", "email", also=("property_email",)),
        Column("phone", "phone", also=("property_phone", "Phone Number")),
        Column("mobilephone", "mobile_phone", also=("property_mobilephone", "Mobile Phone Number")),
        Column("website", "website", also=("property_website", "Website URL")),
        Column("country", "country", also=("property_country", "Country/Region")),
        Column("state", "region", also=("property_state", "State/Region")),
        Column("city", "city", also=("property_city",)),
        Column(
            "industry",
            "industry",
            also=("property_industry",),
            values=HUBSPOT_INDUSTRY,
            fallback=Industry.OTHER,
            raw="industry_note",
        ),
        Column("numemployees", "employees", also=("property_numemployees", "Number of Employees")),
        Column("annualrevenue", "annual_revenue", also=("property_annualrevenue", "Annual Revenue")),
        Column(
            "hs_analytics_source",
            "source_original",
            also=("property_hs_analytics_source", "Original Source", "Original Traffic Source"),
            values=sources.HUBSPOT,
            fallback=Source.OTHER,
            raw="source_note",
        ),
        Column(
            "lifecyclestage",
            "status",
            also=("property_lifecyclestage", "Lifecycle Stage"),
            values=_HUBSPOT_LIFECYCLE,
            fallback=LeadStatus.NEW,
        ),
        Column("hubspot_owner_id", "owner", also=("property_hubspot_owner_id", "Contact owner")),
        Column("createdate", "created_at", also=("property_createdate", "Create Date")),
    ),
)

register(
    Importer(
        record_type="accounts.lead",
        name="lead",
        prepare=importing.prepare,
        load=importing.load,
        write=importing.write,
        required=("last_name",),
        by_action={
            "owner": "reassign",
            "status": "import",
            "disposition_reason": "import",
            "converted_at": "import",
            "converted_account": "import",
            "converted_contact": "import",
            "intent_score": "import",
            "icp_score": "import",
        },
        forgiven=frozenset({"campaign", "converted_account", "converted_contact"}),
        mappings=(SALESFORCE, HUBSPOT),
    )
)
