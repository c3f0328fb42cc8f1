"""What deals add to the pages of accounts and contacts."""

from opportunities.queries import opportunity as queries
from revops.kernel.records.registry import Panel, add_panel

add_panel("accounts.account", Panel("deals", "Deals", "opportunities/panels/deals.html", queries.of_account))
add_panel("accounts.contact", Panel("deals", "Deals", "opportunities/panels/deals.html", queries.of_contact))
