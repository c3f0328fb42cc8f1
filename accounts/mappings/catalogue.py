"""How the files of other systems become products and campaigns (spec mappings.md)."""

from accounts.actions.catalogues import importing
from accounts.actions.catalogues.rules import CAMPAIGN, PRODUCT
from accounts.enums import Channel
from revops.kernel.exchange.importers import Importer, register
from revops.kernel.exchange.mapping import Column, Mapping

# Salesforce's standard types of a campaign.
_TYPE = {
    "conference": Channel.EVENT,
    "trade show": Channel.EVENT,
    "event": Channel.EVENT,
    "webinar": Channel.WEBINAR,
    "content": Channel.CONTENT,
    "email": Channel.EMAIL,
    "direct mail": Channel.OUTBOUND,
    "telemarketing": Channel.OUTBOUND,
    "partners": Channel.PARTNER,
    "referral program": Channel.PARTNER,
    "search advertising": Channel.PAID_SEARCH,
    "social media": Channel.PAID_SOCIAL,
    "advertisement": Channel.OTHER,
    "banner ads": Channel.OTHER,
    "public relations": Channel.OTHER,
}

SALESFORCE_PRODUCTS = Mapping(
    name="salesforce",
    record_type="accounts.product",
    system="salesforce",
    external_id="Id",
    also_external_id=("Product ID", "Product2Id"),
    skip_column="IsDeleted",
    migration=True,
    columns=(
        Column("Name", "name", also=("Product Name",)),
        Column("ProductCode", "code", also=("Product Code", "StockKeepingUnit", "Product SKU")),
        Column("Family", "family", also=("Product Family",)),
        Column("Description", "description", also=("Product Description",)),
        Column("IsActive", "is_active", also=("Active", "Active (Product)")),
    ),
)
HUBSPOT_PRODUCTS = Mapping(
    name="hubspot",
    record_type="accounts.product",
    system="hubspot",
    external_id="id",
    also_external_id=("Record ID", "hs_object_id", "Product ID"),
    skip_column="is_deleted",
    migration=True,
    columns=(
        Column("name", "name", also=("property_name", "Product name")),
        Column("hs_sku", "code", also=("property_hs_sku", "SKU")),
        Column("hs_product_type", "family", also=("property_hs_product_type", "Product type")),
        Column("description", "description", also=("property_description", "Product description")),
    ),
)
SALESFORCE_CAMPAIGNS = Mapping(
    name="salesforce",
    record_type="accounts.campaign",
    system="salesforce",
    external_id="Id",
    also_external_id=("Campaign ID", "CampaignId"),
    skip_column="IsDeleted",
    migration=True,
    columns=(
        Column("Name", "name", also=("Campaign Name",)),
        Column("Type", "channel", also=("Campaign Type",), values=_TYPE, fallback=Channel.OTHER),
        Column("StartDate", "starts_on", also=("Start Date",)),
        Column("EndDate", "ends_on", also=("End Date",)),
        Column("Description", "description", also=("Campaign Description",)),
        Column("IsActive", "is_active", also=("Active",)),
    ),
)
HUBSPOT_CAMPAIGNS = Mapping(
    name="hubspot",
    record_type="accounts.campaign",
    system="hubspot",
    external_id="id",
    also_external_id=("hs_object_id", "Campaign ID", "Record ID"),
    skip_column="is_deleted",
    migration=True,
    columns=(
        Column("hs_name", "name", also=("property_hs_name", "Campaign name", "name")),
        Column("hs_start_date", "starts_on", also=("property_hs_start_date", "Start date")),
        Column("hs_end_date", "ends_on", also=("property_hs_end_date", "End date")),
        Column("hs_notes", "description", also=("property_hs_notes", "Notes")),
        Column("hs_audience", "audience", also=("property_hs_audience", "Audience")),
    ),
)

register(
    Importer(
        record_type="accounts.product",
        name="product",
        prepare=importing.prepare(PRODUCT),
        write=importing.write(PRODUCT),
        required=("name",),
        unique=("code",),
        mappings=(SALESFORCE_PRODUCTS, HUBSPOT_PRODUCTS),
    )
)
register(
    Importer(
        record_type="accounts.campaign",
        name="campaign",
        prepare=importing.prepare(CAMPAIGN),
        write=importing.write(CAMPAIGN),
        required=("name",),
        unique=("name",),
        mappings=(SALESFORCE_CAMPAIGNS, HUBSPOT_CAMPAIGNS),
    )
)
