"""What the accounts domain puts on start pages: the leads that came in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.actions.leads.dispositions import ACCEPT
from revops.kernel.records import home
from revops.kernel.records.home import ListBlock

_WAITING = ",".join(ACCEPT.starts)


def _mine(user: Any, now: datetime) -> Mapping[str, str]:
    return {"owner": str(user.pk), "status": _WAITING, "sort": "-created_at"}


home.register(
    ListBlock(
        "new-leads",
        "Your new leads",
        "accounts.lead",
        frozenset({"SDR", "AE"}),
        _mine,
        ("company", "created_at"),
    )
)
