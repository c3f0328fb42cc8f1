"""Keep a simulation, so that whoever approves sees what was simulated."""

from itertools import islice

from revops.kernel import audit
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies.models import KeptSimulation, PolicyVersion
from revops.kernel.policies.permissions import DRAFTED
from revops.kernel.policies.simulating.impact import Impact

MOST_COUNTS = 200
MOST_CHANGED = 5_000


def keep(impact: Impact, *, by: User) -> KeptSimulation:
    """Write a simulation inside the open change, bound to its draft by the digest; the first 5,000 changed records."""
    access.require_create(by, PolicyVersion, DRAFTED)
    return audit.write(
        KeptSimulation(
            policy_key=impact.draft.key,
            scope=dict(impact.draft.scope),
            mode=impact.draft.mode,
            digest=impact.digest,
            record_type=impact.record_type,
            total=impact.total,
            moved=impact.changed,
            counts=[[one.before, one.after, one.n] for one in impact.counts[:MOST_COUNTS]],
            changed=[[one.record_id, one.before, one.after] for one in islice(impact.every(), MOST_CHANGED)],
            past=impact.as_json(),
            simulated_at=impact.at,
            simulated_by=by,
        )
    )
