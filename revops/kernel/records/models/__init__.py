"""What the shells keep beside the records: one module a noun."""

from revops.kernel.records.models.following import Follow, FollowingChoice, FollowReading
from revops.kernel.records.models.mentions import Mention
from revops.kernel.records.models.personal import Choice, Favourite, Visit
from revops.kernel.records.models.search import SearchWord
from revops.kernel.records.models.views import SavedView, ViewPin, ViewShare

__all__ = [
    "Choice",
    "Favourite",
    "Follow",
    "FollowReading",
    "FollowingChoice",
    "Mention",
    "SavedView",
    "SearchWord",
    "ViewPin",
    "ViewShare",
    "Visit",
]
