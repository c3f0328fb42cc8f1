"""Numbers that open (M11): every figure of the product is a registered metric over rows that its reader sees.

A metric knows no list: it takes a queryset that is already limited to what somebody may see and has asked for.
Its cell says how it came about, and the rows behind it, added up again, are the cell. A ratio is a metric of two
conditions: of the records among which it asks, those that it counts; either part opens.
"""

from revops.kernel.metrics.declaring import Metric, every, of, register
from revops.kernel.metrics.measuring import Cell, cells, drill_down, measure
from revops.kernel.metrics.ratios import PARTS, Ratio, ratio_of, ratios, ratios_of, register_ratio
from revops.kernel.metrics.sharing import Share, behind, percent, shares, together

__all__ = [
    "PARTS",
    "Cell",
    "Metric",
    "Ratio",
    "Share",
    "behind",
    "cells",
    "drill_down",
    "every",
    "measure",
    "of",
    "percent",
    "ratio_of",
    "ratios",
    "ratios_of",
    "register",
    "register_ratio",
    "shares",
    "together",
]
