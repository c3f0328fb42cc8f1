"""Bring the tables that follow a policy in line with the version that holds, in the change in which it begins to."""

from datetime import datetime

from django.db.models import QuerySet

from revops.kernel import audit, clocks
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.policies import documents, resolving, store
from revops.kernel.policies.actions.running import seen_at_once
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.enums import Status
from revops.kernel.policies.models import Policy, PolicyVersion


def apply(document: PolicyDocument, version: PolicyVersion, now: datetime) -> None:
    """Bring the tables of a document in line with a locked version that holds now; the caller writes the version."""
    if document.applied is not None:
        document.applied(store.in_force(version, document))
        version.applied_at = now


def apply_what_is_left(document: PolicyDocument, policy: Policy) -> None:
    """Bring the tables in line with whatever holds once a version of `policy` has ended: at last the shipped default.

    A document with tables has no scopes: what holds is of this policy, or shipped.
    """
    if document.applied is None:
        return
    now = clocks.now()
    held = PolicyVersion.objects.filter(policy=policy, status=Status.ACTIVE, effective_from__lte=now)
    left = [
        one for one in held.select_related("policy") if one.effective_to is None or one.effective_to > now
    ]
    document.applied(store.in_force(left[0], document) if left else resolving.shipped(document))


@seen_at_once
def apply_due(*, by: User) -> int:
    """Bring tables in line with the planned versions whose instant has come, and retire what they ended.

    Returns how many. Late or twice, it does the same: whoever comes second finds nothing to do.
    """
    done = 0
    for pk in _due().order_by("effective_from", "pk").values_list("pk", flat=True):
        with audit.change(by=by, action="policy.apply"):
            found = PolicyVersion.objects.get(pk=pk)
            audit.lock(Policy.objects.all(), pk=found.policy_id)
            versions: list[PolicyVersion] = lock_many(_due().filter(pk=pk).select_related("policy"))
            for version in versions:
                apply(documents.get(version.policy.key), version, clocks.now())
                done += 1
            audit.write_many(versions)
    return done


def _due() -> QuerySet[PolicyVersion]:
    """Return the versions that hold by now and whose tables do not know it yet."""
    now = clocks.now()
    keys = [document.key for document in documents.every() if document.applied is not None]
    rows = PolicyVersion.objects.filter(
        policy__key__in=keys, status=Status.ACTIVE, effective_from__lte=now, applied_at__isnull=True
    )
    found: QuerySet[PolicyVersion] = rows.exclude(effective_to__lte=now)
    return found
