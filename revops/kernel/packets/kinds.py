"""Kinds of obligations: what each demands when it is done, whose move it may be, and who may give it up. Source: M8."""

from collections.abc import Mapping
from dataclasses import dataclass

from revops.kernel.packets.enums import ObligationKind, Side


@dataclass(frozen=True, slots=True)
class KindRule:
    """What one kind of obligation demands.

    With `evidence` it is done only where that can be looked up; `sides` are those whose move it may be; where
    `doer_cancels` is not set, only who asked for it, or whoever may assign everybody's, gives it up. `outcome` says
    that what came of it must be said. `needs` puts the evidence in words.
    """

    kind: ObligationKind
    evidence: bool = False
    sides: tuple[Side, ...] = (Side.US,)
    doer_cancels: bool = True
    outcome: bool = False
    needs: str = ""


_BOTH = (Side.US, Side.BUYER)
_K = ObligationKind

RULES: Mapping[str, KindRule] = {
    rule.kind: rule
    for rule in (
        KindRule(_K.TASK, sides=_BOTH),
        KindRule(_K.NEXT_STEP, sides=_BOTH),
        KindRule(
            _K.COMMITMENT, evidence=True, sides=_BOTH, doer_cancels=False, needs="where it was delivered"
        ),
        KindRule(_K.PLAYBOOK_TASK),
        KindRule(_K.MITIGATION, evidence=True, doer_cancels=False, needs="the control that now works"),
        KindRule(_K.CTA, outcome=True),
        KindRule(_K.MILESTONE, evidence=True, sides=_BOTH, needs="what shows that it was reached"),
        KindRule(_K.DECISION_ACTION, evidence=True, doer_cancels=False, needs="what shows that it was done"),
        KindRule(_K.PILOT_EXIT, evidence=True, outcome=True, doer_cancels=False, needs="the measured result"),
    )
}
# The kinds that are done only with evidence; the database holds the same.
PROVEN: tuple[str, ...] = tuple(kind.value for kind, rule in RULES.items() if rule.evidence)  # type: ignore[attr-defined]


def of(kind: str) -> KindRule:
    """Return what a kind of obligation demands."""
    return RULES[kind]
