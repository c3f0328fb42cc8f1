"""The inner writes these tests share: what an action of `people` would do, without its rules."""

from typing import Any

from revops.kernel import audit
from revops.kernel.guard import GovernedModel
from revops.kernel.identity.models import User


def create(by: User, email: str, name: str = "Somebody", **change: Any) -> User:
    """Create a person in a change of its own."""
    with audit.change(by=by, action="user.create", **change):
        return audit.write(User(email=email, name=name))


def rename(by: User, user: User, name: str, *, version: int | None = None, reason: str = "") -> User:
    """Rename a person in a change of its own and return the row as it is now."""
    with audit.change(by=by, action="user.rename", reason=reason):
        locked = audit.lock(User.objects.all(), pk=user.pk, version=version)
        locked.name = name
        return audit.write(locked)


def keep(by: User, record: GovernedModel) -> Any:
    """Write one new record of any model in a change of its own."""
    with audit.change(by=by, action="record.create"):
        return audit.write(record)
