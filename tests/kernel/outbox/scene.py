"""People to tell events about, and one action that renames them: the smallest governed subject there is."""

from typing import Any

from revops.kernel import audit, clocks, outbox
from revops.kernel.guard import permit
from revops.kernel.identity.models import User, UserKind
from revops.kernel.outbox.models import OutboxEvent

RENAMED = "user.renamed"


def actor() -> User:
    """Return who acts in these tests: the system user, or what stands in after a test that committed."""
    found = User.objects.filter(kind=UserKind.SERVICE, email__startswith="system@").first()
    if found is None:
        now = clocks.now()
        found = User(
            email="system@example.com", name="RevOps", kind=UserKind.SERVICE, created_at=now, updated_at=now
        )
        with permit():
            found.save(force_insert=True)
    return found


def person(name: str, *, is_active: bool = True, kind: str = UserKind.PERSON) -> User:
    """Create a user through the one door, without an event."""
    with audit.change(by=actor(), action="test.create"):
        return audit.write(
            User(email=f"{name.lower()}@example.com", name=name, is_active=is_active, kind=kind)
        )


def rename(
    pk: int, name: str, *, events: int = 1, payload: dict[str, Any] | None = None
) -> list[OutboxEvent]:
    """Rename a user, with so many events; return these events."""
    with audit.change(by=actor(), action="test.rename") as change:
        user = audit.lock(User.objects.all(), pk=pk)
        user.name = name
        audit.write(user)
        for n in range(events):
            outbox.emit(RENAMED, user, payload if payload is not None else {"name": name, "n": n})
    return list(OutboxEvent.objects.filter(change_id=change.id).order_by("subject_seq"))
