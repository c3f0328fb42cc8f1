"""How the files of other systems become contacts (spec mappings.md)."""

from accounts.actions.contacts import importing
from accounts.enums import Department, Source
from accounts.mappings import sources
from revops.kernel.exchange.importers import Importer, register
from revops.kernel.exchange.mapping import Column, Mapping

_DEPARTMENT = {
    "executive team": Department.EXECUTIVE,
    "administration": Department.OPERATIONS,
    "facilities": Department.OPERATIONS,
    "internal operations": Department.OPERATIONS,
    "production": Department.OPERATIONS,
    "warehouse mgmt": Department.OPERATIONS,
    "technology": Department.IT,
    "accounting": Department.FINANCE,
    "customer success": Department.SUPPORT,
    "human resources": Department.HR,
    "purchasing": Department.PROCUREMENT,
}

SALESFORCE = Mapping(
    name="salesforce",
    record_type="accounts.contact",
    system="salesforce",
    external_id="Id",
    also_external_id=("Contact ID", "ContactId"),
    skip_column="IsDeleted",
    migration=True,
    columns=(
        Column("Salutation", "salutation"),
        Column("FirstName", "first_name"),
        Column("LastName", "last_name"),
        Column("AccountId", "account", also=("Account ID",)),
        Column("Title", "title"),
        Column("Department", "department", values=_DEPARTMENT, fallback=Department.OTHER),
        Column("Email", "email"),
        Column("Phone", "phone", also=("Business Phone",)),
        Column("MobilePhone", "mobile_phone", also=("Mobile",)),
        Column("AssistantPhone", "assistant_phone", also=("Asst. Phone",)),
        Column("HomePhone", "personal_phone"),
        Column("MailingCountryCode", "country"),
        Column("MailingCountry", "country"),
        Column("Description", "description", also=("Contact Description",)),
        Column(
            "LeadSource",
            "source_original",
            values=sources.SALESFORCE,
            fallback=Source.OTHER,
            raw="source_note",
        ),
        Column("OwnerId", "owner", also=("Contact Owner Email",)),
        Column("CreatedDate", "created_at"),
    ),
)

HUBSPOT = Mapping(
    name="hubspot",
    record_type="accounts.contact",
    system="hubspot",
    external_id="id",
    also_external_id=("Record ID", "hs_object_id", "Contact ID"),
    skip_column="_fivetran_deleted",
    migration=True,
    columns=(
        Column("salutation", "salutation", also=("property_salutation",)),
        Column("firstname", "first_name", also=("property_firstname", "First Name")),
        Column("lastname", "last_name", also=("property_lastname", "Last Name")),
        Column(
            "associatedcompanyid",
            "account",
            also=("property_associatedcompanyid", "Associated Company IDs", "Primary Associated Company ID"),
        ),
        Column("jobtitle", "title", also=("property_jobtitle", "Job Title")),
        Column("email", "email", also=("property_email",)),
        Column("phone", "phone", also=("property_phone", "Phone Number")),
        Column("mobilephone", "mobile_phone", also=("property_mobilephone", "Mobile Phone Number")),
        Column("country", "country", also=("property_country", "Country/Region")),
        Column(
            "hs_analytics_source",
            "source_original",
            also=("property_hs_analytics_source", "Original Source", "Original Traffic Source"),
            values=sources.HUBSPOT,
            fallback=Source.OTHER,
            raw="source_note",
        ),
        Column("hubspot_owner_id", "owner", also=("property_hubspot_owner_id", "Contact owner")),
        Column("createdate", "created_at", also=("property_createdate", "Create Date")),
    ),
)

register(
    Importer(
        record_type="accounts.contact",
        name="contact",
        prepare=importing.prepare,
        load=importing.load,
        write=importing.write,
        required=("last_name",),
        by_action={
            "email": "emails",
            "phone": "phones",
            "mobile_phone": "phones",
            "assistant_phone": "phones",
            "personal_phone": "phones",
            "owner": "assign",
            "source_note": "import",
        },
        mappings=(SALESFORCE, HUBSPOT),
    )
)
