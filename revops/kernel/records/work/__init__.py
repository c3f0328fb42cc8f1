"""What waits for somebody, from every domain, in one order; and what can be done about it where it stands.

An app registers a `WorkSource` in `AppConfig.ready()`. My work, the home page and the API read them all by `work`.
"""

from revops.kernel.records.work.ordering import Group, Urgency, groups, in_order
from revops.kernel.records.work.reading import Work, badge, do, work
from revops.kernel.records.work.sources import Deed, Done, Subject, WorkItem, WorkSource, every, get, register

__all__ = [
    "Deed",
    "Done",
    "Group",
    "Subject",
    "Urgency",
    "Work",
    "WorkItem",
    "WorkSource",
    "badge",
    "do",
    "every",
    "get",
    "groups",
    "in_order",
    "register",
    "work",
]
