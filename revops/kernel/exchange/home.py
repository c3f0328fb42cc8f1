"""What exchange puts on the start pages of operations: imports that run or stand still."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from revops.kernel.exchange.models import ImportRun, RunState
from revops.kernel.people import access
from revops.kernel.records import home
from revops.kernel.records.home import Line, TallyBlock

MOST = 6
_UNFINISHED = (RunState.RUNNING, RunState.STOPPED, RunState.FAILED, RunState.REVERTING)


def unfinished(user: Any, now: datetime) -> Sequence[Line]:
    """Return the imports that are not finished, the newest first, in one query."""
    if access.rights(user, "exchange.importdraft").view != access.Scope.ALL:
        return []
    rows = ImportRun.objects.filter(state__in=_UNFINISHED).order_by("-pk")
    return [
        Line(
            run.file_name,
            f"{run.rejected:,} rejected" if run.rejected else "",
            "/imports/",
            str(run.get_state_display()),
            run.state != RunState.RUNNING,
        )
        for run in rows[:MOST]
    ]


home.register(
    TallyBlock(
        "imports", "Imports under way", frozenset({"REVOPS", "SALES_OPS", "ADMIN"}), unfinished, "/imports/"
    )
)
