"""What somebody with the database at hand could do to a policy."""

import json

from revops.kernel import clocks
from revops.kernel.guard import permit
from revops.kernel.policies import store
from revops.kernel.policies.enums import Status
from revops.kernel.policies.models import PolicyVersion


def damage(pk: int, body: str) -> PolicyVersion:
    """Write a version straight into the table, past every check, in the place of the one in force."""
    held, now = PolicyVersion.objects.get(pk=pk), clocks.now()
    with permit():
        PolicyVersion.objects.filter(pk=pk).update(status=Status.RETIRED, effective_to=now)
        broken = PolicyVersion.objects.create(
            policy=held.policy,
            n=held.n + 1,
            body=json.loads(body),
            mode=held.mode,
            status=Status.ACTIVE,
            effective_from=now,
            authority="nobody",
            source_note="By hand",
            created_at=now,
            updated_at=now,
            version=1,
        )
    store.forget()
    return broken
