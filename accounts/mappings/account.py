"""How the files of other systems become accounts (spec mappings.md): the values are Salesforce's and HubSpot's own."""

from accounts.actions import importing
from accounts.enums import AccountStatus, Industry
from revops.kernel.exchange.importers import Importer, register
from revops.kernel.exchange.mapping import Column, Mapping

_STATUS = {
    "prospect": AccountStatus.PROSPECT,
    "customer": AccountStatus.CUSTOMER,
    "customer - direct": AccountStatus.CUSTOMER,
    "customer - channel": AccountStatus.CUSTOMER,
    "channel partner / reseller": AccountStatus.PARTNER,
    "installation partner": AccountStatus.PARTNER,
    "technology partner": AccountStatus.PARTNER,
    "other": AccountStatus.PROSPECT,
    "partner": AccountStatus.PARTNER,
    "reseller": AccountStatus.PARTNER,
    "vendor": AccountStatus.PARTNER,
    "competitor": AccountStatus.COMPETITOR,
    "past_customer": AccountStatus.FORMER,
    "former customer": AccountStatus.FORMER,
}

# Salesforce's standard list, where its label is not ours.
SALESFORCE_INDUSTRY = {
    "food & beverage": Industry.FOOD_BEVERAGE,
    "not for profit": Industry.NOT_FOR_PROFIT,
}

# HubSpot's list (LinkedIn's of old), brought to ours.
HUBSPOT_INDUSTRY = {
    "accounting": Industry.FINANCE,
    "airlines_aviation": Industry.TRANSPORTATION,
    "apparel_fashion": Industry.APPAREL,
    "automotive": Industry.MANUFACTURING,
    "aviation_aerospace": Industry.MANUFACTURING,
    "broadcast_media": Industry.MEDIA,
    "building_materials": Industry.CONSTRUCTION,
    "capital_markets": Industry.FINANCE,
    "civil_engineering": Industry.ENGINEERING,
    "computer_hardware": Industry.ELECTRONICS,
    "computer_networking": Industry.TECHNOLOGY,
    "computer_software": Industry.TECHNOLOGY,
    "consumer_electronics": Industry.ELECTRONICS,
    "consumer_goods": Industry.RETAIL,
    "e_learning": Industry.EDUCATION,
    "education_management": Industry.EDUCATION,
    "electrical_electronic_manufacturing": Industry.ELECTRONICS,
    "environmental_services": Industry.ENVIRONMENTAL,
    "farming": Industry.AGRICULTURE,
    "financial_services": Industry.FINANCE,
    "food_beverages": Industry.FOOD_BEVERAGE,
    "food_production": Industry.FOOD_BEVERAGE,
    "government_administration": Industry.GOVERNMENT,
    "health_wellness_and_fitness": Industry.HEALTHCARE,
    "higher_education": Industry.EDUCATION,
    "hospital_health_care": Industry.HEALTHCARE,
    "information_technology_and_services": Industry.TECHNOLOGY,
    "internet": Industry.TECHNOLOGY,
    "investment_banking": Industry.BANKING,
    "investment_management": Industry.FINANCE,
    "leisure_travel_tourism": Industry.HOSPITALITY,
    "logistics_and_supply_chain": Industry.TRANSPORTATION,
    "management_consulting": Industry.CONSULTING,
    "maritime": Industry.SHIPPING,
    "marketing_and_advertising": Industry.MEDIA,
    "mechanical_or_industrial_engineering": Industry.ENGINEERING,
    "medical_devices": Industry.HEALTHCARE,
    "non_profit_organization_management": Industry.NOT_FOR_PROFIT,
    "oil_energy": Industry.ENERGY,
    "online_media": Industry.MEDIA,
    "package_freight_delivery": Industry.SHIPPING,
    "pharmaceuticals": Industry.BIOTECHNOLOGY,
    "publishing": Industry.MEDIA,
    "renewables_environment": Industry.ENVIRONMENTAL,
    "restaurants": Industry.HOSPITALITY,
    "transportation_trucking_railroad": Industry.TRANSPORTATION,
    "venture_capital_private_equity": Industry.FINANCE,
    "wholesale": Industry.RETAIL,
}

SALESFORCE = Mapping(
    name="salesforce",
    record_type="accounts.account",
    system="salesforce",
    external_id="Id",
    also_external_id=("Account ID", "AccountId"),
    skip_column="IsDeleted",
    migration=True,
    columns=(
        Column("Name", "name", also=("Account Name",)),
        Column("Type", "status", values=_STATUS, fallback=AccountStatus.PROSPECT),
        Column("ParentId", "parent", also=("Parent Account ID",)),
        Column(
            "Industry", "industry", values=SALESFORCE_INDUSTRY, fallback=Industry.OTHER, raw="industry_note"
        ),
        Column("AnnualRevenue", "annual_revenue"),
        Column("CurrencyIsoCode", "currency"),
        Column("NumberOfEmployees", "employees", also=("Employees",)),
        Column("Phone", "phone"),
        Column("Website", "website"),
        Column("Website", "domain"),
        Column("BillingCountryCode", "country"),
        Column("BillingCountry", "country"),
        Column("BillingState", "region", also=("Billing State/Province",)),
        Column("BillingCity", "city"),
        Column("Description", "description", also=("Account Description",)),
        Column("AccountSource", "source_original"),
        Column("OwnerId", "owner"),
    ),
)

HUBSPOT = Mapping(
    name="hubspot",
    record_type="accounts.account",
    system="hubspot",
    external_id="id",
    also_external_id=("Record ID", "hs_object_id", "Company ID"),
    skip_column="is_deleted",
    migration=True,
    columns=(
        Column("name", "name", also=("property_name", "Company name")),
        Column("type", "status", also=("property_type",), values=_STATUS, fallback=AccountStatus.PROSPECT),
        Column("hs_parent_company_id", "parent", also=("property_hs_parent_company_id", "Parent company ID")),
        Column(
            "industry",
            "industry",
            also=("property_industry",),
            values=HUBSPOT_INDUSTRY,
            fallback=Industry.OTHER,
            raw="industry_note",
        ),
        Column("annualrevenue", "annual_revenue", also=("property_annualrevenue", "Annual Revenue")),
        Column("numberofemployees", "employees", also=("property_numberofemployees", "Number of Employees")),
        Column("phone", "phone", also=("property_phone", "Phone Number")),
        Column("website", "website", also=("property_website", "Website URL")),
        Column("domain", "domain", also=("property_domain", "Company Domain Name")),
        Column("country", "country", also=("property_country", "Country/Region")),
        Column("state", "region", also=("property_state", "State/Region")),
        Column("city", "city", also=("property_city",)),
        Column("description", "description", also=("property_description",)),
        Column("hubspot_owner_id", "owner", also=("property_hubspot_owner_id", "Company owner")),
    ),
)

IMPORTER = Importer(
    record_type="accounts.account",
    name="account",
    prepare=importing.prepare,
    load=importing.load,
    write=importing.write,
    required=("name",),
    unique=("domain",),
    by_action={"domain": "domains"},
    mappings=(SALESFORCE, HUBSPOT),
)

register(IMPORTER)
