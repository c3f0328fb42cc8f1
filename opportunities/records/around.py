"""What deals add to the pages of accounts, contacts and leads, and to imported activities."""

from accounts.actions.activities import importing as imported_activities
from opportunities.actions.activities import link_imported
from opportunities.actions.lead_forms import CONVERT
from opportunities.queries import opportunity as queries
from revops.kernel.records.registry import Panel, add_action, add_panel

add_panel("accounts.account", Panel("deals", "Deals", "opportunities/panels/deals.html", queries.of_account))
add_panel("accounts.contact", Panel("deals", "Deals", "opportunities/panels/deals.html", queries.of_contact))
add_panel(
    "accounts.lead",
    Panel("conversion", "What became of it", "opportunities/panels/conversion.html", queries.conversion),
)
add_action("accounts.lead", CONVERT)
imported_activities.about("opportunities", link_imported)
