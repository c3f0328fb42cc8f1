"""How the history of deals in other systems becomes their stages over time (spec mappings.md)."""

from opportunities.actions.importing import history
from opportunities.enums import ForecastCategory, Stage
from opportunities.mappings import stages
from revops.kernel.exchange.importers import Importer, register
from revops.kernel.exchange.mapping import Column, Mapping

SALESFORCE = Mapping(
    name="salesforce",
    record_type="opportunities.stageinterval",
    system="salesforce",
    external_id="Id",
    also_external_id=("OpportunityHistoryId",),
    skip_column="IsDeleted",
    migration=True,
    columns=(
        Column("OpportunityId", "opportunity", also=("Opportunity ID",)),
        Column(
            "StageName",
            "stage",
            also=("Stage", "To Stage"),
            values=stages.SALESFORCE,
            fallback=Stage.QUALIFICATION,
        ),
        Column("CreatedDate", "active_from", also=("Last Modified", "Last Modified Date")),
        Column("Probability", "probability", also=("Probability (%)",)),
        Column(
            "ForecastCategory",
            "forecast_category",
            also=("Forecast Category",),
            values=stages.SALESFORCE_CATEGORY,
            fallback=ForecastCategory.PIPELINE,
        ),
    ),
)

register(
    Importer(
        record_type="opportunities.stageinterval",
        name="opportunity_history",
        prepare=history.prepare,
        write=history.write,
        required=("opportunity", "stage", "active_from"),
        mappings=(SALESFORCE,),
    )
)
