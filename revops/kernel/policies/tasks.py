"""What runs by the clock for policies."""

from revops.kernel.identity.models import User
from revops.kernel.outbox import jobs
from revops.kernel.policies import actions


@jobs.job("policies.apply", owner="REVOPS", every=60)
def apply_planned() -> dict[str, int]:
    """Bring tables in line with the planned versions whose instant has come."""
    return {"applied": actions.apply_due(by=User.objects.system())}


@jobs.job("policies.watch", owner="REVOPS", every=600)
def watch_versions() -> dict[str, int]:
    """Find versions in force that do not run any more, and tell revenue operations once a day."""
    return {"broken": actions.watch(by=User.objects.system())}
