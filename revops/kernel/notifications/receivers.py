"""What notifications do about events: apps ask for it by naming an event type of theirs."""

from typing import Any

from django.apps import apps

from revops.kernel.identity.models import User
from revops.kernel.notifications import kinds
from revops.kernel.notifications.notifying import notify
from revops.kernel.outbox import receiving
from revops.kernel.outbox.models import OutboxEvent


def notify_owner_on(type: str) -> None:
    """Tell the new owner whenever an event of `type` (such as `account.assigned`) happens.

    Its payload holds `owner` and `by` (user ids; `owner` is null for a queue), `label` (what the record is
    called) and may hold `url` (else it is the subject's own page). Who takes something over themselves is not
    told. Call it from an app's `receivers.py`; calling it twice for one type is harmless.
    """
    kinds.cover("assigned", type)
    key = f"notifications.owner:{type}"
    if all(known.key != key for known in receiving.of(type)):
        receiving.receives(type, key=key)(tell_owner)


def tell_owner(event: OutboxEvent) -> None:
    """Notify the owner that `event` names, unless they did it themselves or it went to a queue."""
    owner, by = event.payload["owner"], event.payload["by"]
    if owner is None or owner == by:
        return
    actor = User.objects.filter(pk=by).first()
    notify(
        [owner],
        event.type,
        f"{event.payload['label']} is yours now",
        f"Assigned by {actor}." if actor else "",
        event.payload.get("url") or _page(event),
        (event.subject_type, event.subject_id),
        dedupe_key=f"event:{event.pk}",
    )


def _page(event: OutboxEvent) -> str:
    """Return the page of the event's subject, by its model's `get_absolute_url`; nothing where it has none."""
    subject: Any = apps.get_model(event.subject_type)(pk=event.subject_id)
    return str(subject.get_absolute_url()) if hasattr(subject, "get_absolute_url") else ""
