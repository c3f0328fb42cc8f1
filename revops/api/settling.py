"""What the API adds to every change before it commits."""

from revops.api import idempotency
from revops.kernel import audit
from revops.kernel.audit import Change
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people.tokens.models import ApiToken


def settle(change: Change) -> None:
    """Complete the idempotent request that made this change; revoke the tokens of whoever it deactivates."""
    gone = [
        user.pk
        for user, before in change.changed.get(User, ())
        if before.get("is_active") and not user.is_active
    ]
    if gone:
        held = lock_many(ApiToken.objects.filter(user_id__in=gone, revoked_at__isnull=True))
        for token in held:
            token.revoked_at = change.recorded_at
        audit.write_many(held)
    if not change.aside:
        idempotency.join(change)
