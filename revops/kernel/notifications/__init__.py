"""What a person should know: the bell, e-mail at once and the daily digest (M10). Public names stand in this list."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from revops.kernel.notifications.kinds import Kind as Kind
    from revops.kernel.notifications.models import Notification as Notification
    from revops.kernel.notifications.notifying import Note as Note
    from revops.kernel.notifications.notifying import mark_read as mark_read
    from revops.kernel.notifications.notifying import mark_unread as mark_unread
    from revops.kernel.notifications.notifying import notify as notify
    from revops.kernel.notifications.notifying import tell as tell
    from revops.kernel.notifications.queries import count_unread as count_unread
    from revops.kernel.notifications.queries import page as page
    from revops.kernel.notifications.queries import unread as unread
    from revops.kernel.notifications.queries import visible as visible
    from revops.kernel.notifications.receivers import notify_owner_on as notify_owner_on

_HOMES = {
    "Kind": "kinds",
    "Notification": "models",
    "Note": "notifying",
    "mark_read": "notifying",
    "mark_unread": "notifying",
    "notify": "notifying",
    "tell": "notifying",
    "count_unread": "queries",
    "page": "queries",
    "unread": "queries",
    "visible": "queries",
    "notify_owner_on": "receivers",
}


def __getattr__(name: str) -> Any:
    """Load the public names when they are first used: models exist only after the app registry is ready."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
