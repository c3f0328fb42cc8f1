"""The numbers about deals: how many, for how much, how likely. Source: 11-metrics.

They describe the rows one looks at; what is forecast, booked or recognised are metrics of their own domains.
"""

from opportunities.enums import CLOSED
from revops.kernel.metrics import Metric, register
from revops.kernel.metrics.declaring import OPERATING

_DEAL, _OWNER = "opportunities.opportunity", "Sales Ops"
_OPEN = {"stage": tuple(str(stage) for stage in CLOSED)}

COUNT = Metric(
    key="opportunities.deals",
    label="Deals",
    definition="How many deals there are, open and closed.",
    formula="Count of the deals",
    owner=_OWNER,
    record_type=_DEAL,
    in_columns=True,
)
AMOUNT = Metric(
    key="opportunities.amount",
    label="Amount",
    definition="What the deals are worth together, whatever their stage; a deal without an amount adds nothing.",
    formula="Sum of the amounts, each currency by itself",
    owner=_OWNER,
    record_type=_DEAL,
    sums="amount",
    currency="currency",
    caveat=OPERATING,
    in_columns=True,
)
OPEN_AMOUNT = Metric(
    key="opportunities.open_amount",
    label="Open amount",
    definition="What the open deals are worth together: those neither won nor lost.",
    formula="Sum of the amounts of open deals, each currency by itself",
    owner=_OWNER,
    record_type=_DEAL,
    sums="amount",
    currency="currency",
    without=_OPEN,
    caveat=OPERATING,
)
WEIGHTED = Metric(
    key="opportunities.weighted_amount",
    label="Weighted amount",
    definition="What the open deals are worth together if each counts as far as its stage makes it likely.",
    formula="Sum of amount × probability of the open deals, each currency by itself",
    owner=_OWNER,
    record_type=_DEAL,
    sums="amount",
    weight="probability",
    currency="currency",
    without=_OPEN,
    caveat=OPERATING,
)

for _metric in (COUNT, AMOUNT, OPEN_AMOUNT, WEIGHTED):
    register(_metric)
