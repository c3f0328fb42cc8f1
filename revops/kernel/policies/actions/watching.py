"""Find versions in force that do not run any more, and let RevOps know once a day."""

from datetime import date

from revops.kernel import audit, clocks, outbox
from revops.kernel.identity.models import User
from revops.kernel.policies import store
from revops.kernel.policies.actions.running import seen_at_once
from revops.kernel.policies.durations import organisation_date
from revops.kernel.policies.models import BrokenVersion
from revops.kernel.policies.resolving import InForce

MOST_TOLD = 4_000


@seen_at_once
def watch(*, by: User) -> int:
    """Write down every version in force whose body today's schema refuses, and emit `policy.broken`, once a day each.

    Whoever asks such a policy takes what is safe meanwhile: a gate refuses, the others decide by the shipped default.
    Returns how many were found for the first time today.
    """
    now = clocks.now()
    held = {one.version_id: one for one in store.stored(now) if one.version_id is not None}
    broken = {pk: one for pk, one in held.items() if one.broken is not None}
    if not broken:
        return 0
    today = organisation_date(now)
    known = set(BrokenVersion.objects.filter(found_on=today).values_list("policy_version_id", flat=True))
    fresh = {pk: one for pk, one in broken.items() if pk not in known}
    if fresh:
        with audit.change(by=by, action="policy.watch"):
            for pk, one in fresh.items():
                _tell(pk, one, today)
    return len(fresh)


def _tell(pk: int, policy: InForce, today: date) -> None:
    problems = str(policy.broken)[:MOST_TOLD]
    row = audit.write(BrokenVersion(policy_version_id=pk, found_on=today, problems=problems))
    outbox.emit("policy.broken", row, {"policy": policy.key, "ref": policy.ref, "problems": problems[:500]})
