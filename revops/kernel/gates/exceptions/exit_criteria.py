"""The exit criteria of a gate policy as lines that may be excused."""

from revops.kernel import clocks
from revops.kernel.gates.criteria import GateBody
from revops.kernel.gates.exceptions.registry import Line
from revops.kernel.policies import documents, store
from revops.kernel.policies.resolving import InForce, shipped
from revops.kernel.policies.rules.problems import RuleError


def lines(policy_key: str) -> dict[str, Line]:
    """Return every criterion of the versions in force, whatever their scope, with who may excuse it.

    The least specific version comes first; a version that cannot be read adds nothing.
    """
    now = clocks.now()
    current = [
        entry.policy
        for entry in reversed(store.entries(policy_key))
        if entry.begins <= now and (entry.ends is None or now < entry.ends)
    ]
    if all(policy.scope for policy in current):
        current.insert(0, shipped(documents.get(policy_key)))
    found: dict[str, Line] = {}
    for policy in current:
        for key, line in _lines(policy).items():
            found.setdefault(key, line)
    return found


def _lines(policy: InForce) -> dict[str, Line]:
    try:
        body = policy.body
    except RuleError:
        return {}
    if not isinstance(body, GateBody):
        return {}
    return {one.key: Line(one.title, tuple(one.excusable_by)) for one in body.criteria if one.excusable_by}
