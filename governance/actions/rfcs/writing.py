"""What the actions of requests share inside their open change: attaching, settling, telling."""

from collections.abc import Mapping, Sequence
from typing import Any

from governance.actions.rfcs import content, deciding, simulations
from governance.actions.rfcs.telling import tell
from governance.enums import RfcState
from governance.models import ChangeRequest, RfcChange
from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.policies import simulating
from revops.kernel.policies.models import PolicyVersion

Impacts = Mapping[int, simulating.Impact]


def attach(rfc: ChangeRequest, versions: Sequence[PolicyVersion], impacts: Impacts) -> None:
    """Attach drafts to a written request, each with the simulation made of it just now, or kept before."""
    by = audit.current().by
    held = {one.policy_version_id: one for one in lock_many(RfcChange.objects.filter(rfc=rfc))}
    unknown = [] if rfc.migrate else [version for version in versions if version.pk not in impacts]
    known = simulations.kept_of(unknown)
    back: list[RfcChange] = []
    new: list[RfcChange] = []
    for version in versions:
        impact = impacts.get(version.pk)
        change = held.get(version.pk) or RfcChange(rfc=rfc, policy_version=version)
        change.is_active = True
        if impact is not None:
            change.simulation = simulating.keep(impact, by=by)
        elif version.pk in known:
            change.simulation = known[version.pk]
        (back if version.pk in held else new).append(change)
    audit.write_many(new)
    audit.write_many(back)


def settle(rfc: ChangeRequest, asked: Mapping[str, Any]) -> None:
    """Write a changed request; where it asks for something else than `asked`, it is a draft again.

    A rejected one is a draft again as soon as anything of it changes.
    """
    before = rfc.version
    moved = content.covered(rfc) != asked
    if moved and rfc.state != RfcState.DRAFT:
        deciding.unsettle(rfc)
    audit.write(rfc)
    if rfc.state == RfcState.REJECTED and rfc.version != before:
        deciding.unsettle(rfc)
        audit.write(rfc)
    if rfc.version != before:
        tell("rfc.edited", rfc)


def drop_simulations(rfc: ChangeRequest) -> None:
    """Let every draft of a request be simulated anew: it would bind other records than it was simulated for."""
    changes = lock_many(RfcChange.objects.filter(rfc=rfc, is_active=True))
    for change in changes:
        change.simulation = None
    audit.write_many(changes)
