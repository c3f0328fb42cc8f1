"""The numbers about deals: one module a subject. Source: 11-metrics, d2 dashboards."""

from opportunities.metrics import delays, gates, hygiene
from opportunities.metrics.amounts import AMOUNT, COUNT, OPEN_AMOUNT, WEIGHTED

__all__ = ["AMOUNT", "COUNT", "OPEN_AMOUNT", "WEIGHTED", "delays", "gates", "hygiene"]
