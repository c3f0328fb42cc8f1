"""What the shells keep beside the records: one module a noun."""

from revops.kernel.records.models.personal import Choice, Favourite, Visit
from revops.kernel.records.models.search import SearchWord
from revops.kernel.records.models.views import SavedView, ViewPin, ViewShare

__all__ = [
    "Choice",
    "Favourite",
    "SavedView",
    "SearchWord",
    "ViewPin",
    "ViewShare",
    "Visit",
]
