"""Tell revenue operations that a rule in force cannot be read, so that what is safe decides in its place."""

from revops.kernel import outbox
from revops.kernel.notifications import kinds
from revops.kernel.notifications.enums import Mail
from revops.kernel.notifications.kinds import Kind
from revops.kernel.notifications.notifying import notify
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people.access import organisation

kinds.register(
    Kind(
        "policy.broken",
        "Rules that cannot be read",
        "A rule in force was damaged; the shipped default decides, and gates refuse.",
        mail=Mail.ONCE,
    )
)


@outbox.receives("policy.broken", key="notifications.broken_rules")
def tell_operations(event: OutboxEvent) -> None:
    """Notify everybody in revenue operations, once a version a day."""
    told = event.payload
    notify(
        [person for person, roles in organisation.current().roles.items() if "REVOPS" in roles],
        "policy.broken",
        f"The rule {told['ref']} cannot be read",
        f"It does not run: gates refuse and the shipped default decides. {told['problems']}",
        f"/rules/{told['policy']}/",
        dedupe_key=f"event:{event.pk}",
    )
