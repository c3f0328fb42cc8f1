"""Numbers that open (M11): every figure of the product is a registered metric over rows that its reader sees.

A metric knows no list: it takes a queryset that is already limited to what somebody may see and has asked for.
Its cell says how it came about, and the rows behind it, added up again, are the cell.
"""

from revops.kernel.metrics.declaring import Metric, every, of, register
from revops.kernel.metrics.measuring import Cell, cells, drill_down, measure

__all__ = ["Cell", "Metric", "cells", "drill_down", "every", "measure", "of", "register"]
