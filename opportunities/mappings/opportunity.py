"""How the files of other systems become deals (spec mappings.md): the values are Salesforce's and HubSpot's own."""

from accounts.enums import Source
from accounts.mappings import sources
from opportunities.actions.importing import deals, moves
from opportunities.enums import ForecastCategory, OpportunityType, Stage
from opportunities.mappings import stages
from revops.kernel.exchange.importers import Importer, register
from revops.kernel.exchange.mapping import Column, Mapping

_TYPE = {
    "new customer": OpportunityType.NEW,
    "new business": OpportunityType.NEW,
    "newbusiness": OpportunityType.NEW,
    "existing customer - upgrade": OpportunityType.EXPANSION,
    "existing customer - replacement": OpportunityType.EXPANSION,
    "existing customer - downgrade": OpportunityType.AMENDMENT,
    "existing business": OpportunityType.EXPANSION,
    "existingbusiness": OpportunityType.EXPANSION,
    "renewal": OpportunityType.RENEWAL,
}

SALESFORCE = Mapping(
    name="salesforce",
    record_type="opportunities.opportunity",
    system="salesforce",
    external_id="Id",
    also_external_id=("Opportunity ID", "OpportunityId"),
    skip_column="IsDeleted",
    migration=True,
    columns=(
        Column("Name", "imported_name", also=("Opportunity Name",)),
        Column("AccountId", "account", also=("Account ID",)),
        Column("Type", "type", values=_TYPE, fallback=OpportunityType.NEW),
        Column("StageName", "stage", also=("Stage",), values=stages.SALESFORCE, fallback=Stage.QUALIFICATION),
        Column("StageReason", "stage_reason", also=("Stage Reason", "Stage_Reason__c")),
        Column("SlipReason", "slip_reason", also=("Slip Reason", "Slip_Reason__c")),
        Column("IsWon", "is_won", also=("Won",)),
        Column("IsClosed", "is_closed", also=("Closed",)),
        Column("Amount", "amount"),
        Column("CurrencyIsoCode", "currency", also=("Opportunity Currency", "Amount Currency")),
        Column("CloseDate", "close_date", also=("Close Date",)),
        Column(
            "ForecastCategory",
            "forecast_category",
            values=stages.SALESFORCE_CATEGORY,
            fallback=ForecastCategory.PIPELINE,
        ),
        Column(
            "ForecastCategoryName",
            "forecast_category",
            also=("Forecast Category",),
            values=stages.SALESFORCE_CATEGORY,
            fallback=ForecastCategory.PIPELINE,
        ),
        Column("Probability", "probability", also=("Probability (%)",)),
        Column("NextStep", "next_step", also=("Next Step",)),
        Column(
            "LeadSource",
            "source",
            also=("Lead Source",),
            values=sources.SALESFORCE,
            fallback=Source.OTHER,
            raw="source_note",
        ),
        Column("CampaignId", "campaign", also=("Primary Campaign Source", "Campaign ID")),
        Column("PrimaryContactId", "primary_contact", also=("ContactId", "Primary Contact ID")),
        Column("Description", "description"),
        Column("CreatedDate", "opened_at", also=("Created Date",)),
        Column("OwnerId", "owner", also=("Opportunity Owner Email",)),
    ),
)

_HUBSPOT_COLUMNS = (
    Column("dealname", "imported_name", also=("property_dealname", "Deal Name")),
    Column(
        "associatedcompanyid",
        "account",
        also=("property_associatedcompanyid", "Associated Company IDs", "Primary Associated Company ID"),
    ),
    Column(
        "dealtype",
        "type",
        also=("property_dealtype", "Deal Type"),
        values=_TYPE,
        fallback=OpportunityType.NEW,
    ),
    Column(
        "dealstage",
        "stage",
        also=("property_dealstage", "deal_pipeline_stage_id", "Deal Stage"),
        values=stages.HUBSPOT,
        fallback=Stage.QUALIFICATION,
    ),
    Column(
        "hs_is_closed_won", "is_won", also=("property_hs_is_closed_won", "Is Closed Won", "Is closed won")
    ),
    Column("hs_is_closed", "is_closed", also=("property_hs_is_closed", "Is Deal Closed?")),
    Column("amount", "amount", also=("property_amount",)),
    Column("deal_currency_code", "currency", also=("property_deal_currency_code", "Currency")),
    Column("closedate", "close_date", also=("property_closedate", "Close Date")),
    Column(
        "hs_manual_forecast_category",
        "forecast_category",
        also=("property_hs_manual_forecast_category", "Forecast category"),
        values=stages.HUBSPOT_CATEGORY,
        fallback=ForecastCategory.PIPELINE,
    ),
    Column("hs_next_step", "next_step", also=("property_hs_next_step", "Next step")),
    Column(
        "hs_analytics_source",
        "source",
        also=("property_hs_analytics_source", "Original Source Type", "Original Traffic Source"),
        values=sources.HUBSPOT,
        fallback=Source.OTHER,
        raw="source_note",
    ),
    Column("description", "description", also=("property_description", "Deal Description")),
    Column("createdate", "opened_at", also=("property_createdate", "Create Date")),
    Column("hubspot_owner_id", "owner", also=("property_hubspot_owner_id", "owner_id", "Deal owner")),
)
HUBSPOT = Mapping(
    name="hubspot",
    record_type="opportunities.opportunity",
    system="hubspot",
    external_id="deal_id",
    also_external_id=("id", "Record ID", "hs_object_id", "Deal ID"),
    skip_column="is_deleted",
    migration=True,
    columns=_HUBSPOT_COLUMNS,
)
# The file that says which company a deal belongs to, brought in after the deals: it names their accounts.
HUBSPOT_COMPANIES = Mapping(
    name="hubspot_companies",
    record_type="opportunities.opportunity",
    system="hubspot",
    external_id="deal_id",
    migration=True,
    columns=(Column("company_id", "account"),),
)

_FIELDS = (
    "account",
    "type",
    "stage",
    "amount",
    "currency",
    "amount_basis",
    "close_date",
    "start_date",
    "slip_reason",
    "stage_reason",
    "forecast_category",
    "next_step",
    "next_step_on",
    "source_note",
    "campaign",
    "primary_product",
    "use_case",
    "competitor",
    "description",
    "owner",
)

register(
    Importer(
        record_type="opportunities.opportunity",
        name="opportunity",
        prepare=deals.prepare,
        load=deals.load,
        decide=moves.decide,
        write=deals.write,
        # Whoever imports changes what a file may fill: the roles that import edit no deal by hand.
        by_action=dict.fromkeys(_FIELDS, "import"),
        forgiven=frozenset({"campaign", "primary_product"}),
        mappings=(SALESFORCE, HUBSPOT, HUBSPOT_COMPANIES),
    )
)
