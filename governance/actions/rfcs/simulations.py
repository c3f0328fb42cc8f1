"""The simulations that a request shows the board: made before the change opens, kept inside it."""

from collections.abc import Iterable
from typing import Any

from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies import simulating
from revops.kernel.policies.models import KeptSimulation, PolicyVersion
from revops.kernel.policies.simulating import Impact


def named(raw: Any) -> list[int]:
    """Return the ids in what somebody gave for the drafts of a request, as far as they are ids."""
    parts = raw.split(",") if isinstance(raw, str) else raw if isinstance(raw, list | tuple) else [raw]
    return [int(text) for part in parts if (text := str(part).strip()).isascii() and text.isdigit()][:200]


def of(by: User, ids: Iterable[int], *, migrate: bool = False) -> dict[int, Impact]:
    """Return what each of these drafts would change, by its id; a draft that does not fit is left out.

    With `migrate` they would bind what is in flight as well, as their request says.
    What is wrong with such a draft is told by the rules, together with everything else. Whoever may not draft policies
    simulates none: their request takes the simulation that operations made, or waits for one.
    """
    if not access.rights(by, PolicyVersion._meta.label_lower).creatable:
        return {}
    rows = PolicyVersion.objects.visible_to(by).filter(pk__in=list(ids)).select_related("policy")
    found: dict[int, Impact] = {}
    for version in rows:
        try:
            found[version.pk] = simulating.simulate(
                version.policy.key,
                body=version.body,
                mode=version.mode,
                scope=version.policy.scope,
                migrate=migrate or version.migrate,
                by=by,
            )
        except Blocked:
            continue
    return found


def kept_of(versions: Iterable[PolicyVersion]) -> dict[int, KeptSimulation]:
    """Return the latest simulation that was kept of each of these drafts as it reads now, in one query."""
    digests = {version.pk: simulating.digest_of(version) for version in versions}
    rows = KeptSimulation.objects.filter(digest__in=set(digests.values())).order_by("pk")
    held = {one.digest: one for one in rows}
    return {pk: held[digest] for pk, digest in digests.items() if digest in held}
