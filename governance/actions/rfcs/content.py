"""What a request for change is made of: its drafts, whom they touch, and what an approval of it covers."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from governance.enums import GRANTED, ObjectOwner, RfcState
from governance.models import ChangeRequest, RfcChange
from governance.policies import control
from revops.kernel.policies import simulating
from revops.kernel.policies.models import PolicyVersion


def changes_of(rfc: ChangeRequest) -> list[RfcChange]:
    """Return the changes of a request that stand, with their drafts and simulations, in one query."""
    rows = RfcChange.objects.filter(rfc=rfc, is_active=True).order_by("pk")
    return list(rows.select_related("policy_version__policy", "simulation"))


def versions_of(rfc: ChangeRequest) -> list[PolicyVersion]:
    """Return the drafts of a request, in the order in which they were attached."""
    return [change.policy_version for change in changes_of(rfc)]


def drafts_of(rfc: ChangeRequest) -> list[int]:
    """Return the ids of the drafts of a request."""
    return list(RfcChange.objects.filter(rfc=rfc, is_active=True).values_list("policy_version", flat=True))


def refresh(rfc: ChangeRequest, versions: Sequence[PolicyVersion]) -> None:
    """Set what follows from the drafts: whose records they touch, and their digest. Nothing is written."""
    body = control.body()
    owners = {body.owner_of(version.policy.key) for version in versions}
    rfc.touches_sales = ObjectOwner.SALES.value in owners
    rfc.touches_marketing = ObjectOwner.MARKETING.value in owners
    rfc.touches_money = ObjectOwner.MONEY.value in owners
    rfc.content_digest = digest(versions)


def digest(versions: Iterable[PolicyVersion]) -> str:
    """Return the digest of these drafts together; empty for none."""
    found = sorted((version.pk, simulating.digest_of(version)) for version in versions)
    return hashlib.sha256(json.dumps(found).encode()).hexdigest() if found else ""


def covered(rfc: ChangeRequest) -> dict[str, Any]:
    """Return what an approval covers: every draft as it reads, how urgent, the window, the way back.

    When it goes live inside the window is not covered: whoever may do that chooses.
    """
    return {
        "changes": [
            {
                "policy": version.policy.key,
                "scope": version.policy.scope_key,
                "version": version.n,
                "mode": version.mode,
                "migrate": rfc.migrate or version.migrate,
                "digest": simulating.digest_of(version),
            }
            for version in versions_of(rfc)
        ],
        "urgency": rfc.urgency,
        "window_from": rfc.window_from.isoformat() if rfc.window_from else "",
        "window_to": rfc.window_to.isoformat() if rfc.window_to else "",
        "rollback_plan": rfc.rollback_plan,
    }


def rfc_of(version: PolicyVersion) -> int | None:
    """Return the id of the open request that a policy version is a change of."""
    rows = RfcChange.objects.filter(
        policy_version_id=version.pk, is_active=True, rfc__state__in=[*GRANTED, RfcState.SUBMITTED]
    )
    found: int | None = rows.values_list("rfc", flat=True).first()
    return found
