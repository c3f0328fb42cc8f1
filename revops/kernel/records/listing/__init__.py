"""One reading of a list for pages and API alike: filters, sort, keyset pages, references within scope.

The address carries everything: `?status=customer,prospect&annual_revenue__gte=1000&sort=-name&after=…`.
What one may not read cannot be filtered or sorted by, and is refused exactly like a field that does not exist.
"""

from revops.kernel.records.listing.conditions import OPERATORS, Filter, condition
from revops.kernel.records.listing.paging import Page, matching, page, referenced
from revops.kernel.records.listing.parsing import MAX_LIMIT, RESERVED, Query, parse, whole

__all__ = [
    "MAX_LIMIT",
    "OPERATORS",
    "RESERVED",
    "Filter",
    "Page",
    "Query",
    "condition",
    "matching",
    "page",
    "parse",
    "referenced",
    "whole",
]
