"""Who is told that a deal slipped, or that a Commit came down: owner and manager, the same day. Source: d2."""

from typing import Any

from opportunities.enums import ForecastCategory
from revops.kernel import outbox
from revops.kernel.notifications import kinds
from revops.kernel.notifications.enums import Mail
from revops.kernel.notifications.kinds import Kind
from revops.kernel.notifications.notifying import notify
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people.access import organisation

SLIPPED, CLAMPED = "opportunity.slipped", "opportunity.commit_clamped"
kinds.register(
    Kind(SLIPPED, "Deals that slip", "A deal of your people's closes in a later quarter.", mail=Mail.ONCE)
)
kinds.register(
    Kind(
        CLAMPED,
        "Commits that came down",
        "A deal in Commit no longer shows what that asks for.",
        mail=Mail.ONCE,
    )
)


@outbox.receives(SLIPPED, key="opportunities.tell_slipped")
def tell_slipped(event: OutboxEvent) -> None:
    """Tell the manager of the owner that a deal slipped out of its quarter."""
    told = event.payload
    title = f"{told['name']} slipped to {told['to']}"
    text = f"It was to close on {told['from']}. Put off {told['push_count']} times so far."
    _tell(event, SLIPPED, [_manager(told["owner"])], title, text)


@outbox.receives("opportunity.category_clamped", key="opportunities.tell_commit_clamped")
def tell_clamped(event: OutboxEvent) -> None:
    """Tell owner and manager that a Commit came down, and what it lacks; other categories tell nobody."""
    told = event.payload
    if told["from"] != ForecastCategory.COMMIT:
        return
    label = ForecastCategory(told["to"]).label
    text = f"It lacks: {', '.join(told['criteria'])}." if told["criteria"] else told["note"]
    people = [told["owner"], _manager(told["owner"])]
    _tell(event, CLAMPED, people, f"{told['name']} is forecast as {label}, no longer Commit", text)


def _manager(owner: Any) -> int | None:
    return None if owner is None else organisation.current().manager_of.get(owner)


def _tell(event: OutboxEvent, kind: str, people: list[int | None], title: str, text: str) -> None:
    """Notify these people, but for whoever did it themselves."""
    notify(
        [person for person in people if person is not None and person != event.payload["by"]],
        kind,
        title,
        text,
        f"/opportunities/{event.subject_id}/",
        (event.subject_type, event.subject_id),
        dedupe_key=f"event:{event.pk}",
    )
