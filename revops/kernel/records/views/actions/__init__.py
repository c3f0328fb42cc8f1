"""The writes of saved views: keep one, change it, share it, make it a default, archive it; and pin it."""

from revops.kernel.records.views.actions.keeping import archive_view, create_view, edit_view, restore_view
from revops.kernel.records.views.actions.pinning import move_pin, pin_view, unpin_view
from revops.kernel.records.views.actions.sharing import set_default, share_view

__all__ = [
    "archive_view",
    "create_view",
    "edit_view",
    "move_pin",
    "pin_view",
    "restore_view",
    "set_default",
    "share_view",
    "unpin_view",
]
