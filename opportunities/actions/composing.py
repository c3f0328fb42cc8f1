"""The short forms above a deal's timeline: a call, a meeting, an e-mail, a note about it."""

from collections.abc import Mapping
from typing import Any

from accounts.actions.activities.composing import composer
from accounts.enums import ActivityKind
from accounts.models import Activity
from opportunities.actions.activities import log_activity
from revops.kernel.identity.models import User


def _log(*, by: User, about: Any, values: Mapping[str, Any]) -> Activity:
    return log_activity(by=by, pk=about.pk, values=values)


COMPOSERS = tuple(
    composer(kind, "account", _log)
    for kind in (ActivityKind.CALL, ActivityKind.MEETING, ActivityKind.EMAIL, ActivityKind.NOTE)
)
