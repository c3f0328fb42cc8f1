"""The stages of deals as a machine of states: how a locked deal passes its gates, and what supplies what it lacks."""

from collections.abc import Collection, Sequence
from typing import Any

from opportunities.enums import BuyingRole, Element, EvidenceKind, PlanKind, ReviewKind
from opportunities.models import Opportunity
from revops.kernel import gates
from revops.kernel.audit import Finding, Remedy
from revops.kernel.gates import machines
from revops.kernel.gates.models import GateAttempt

MACHINE = "opportunities.stage"
ADVANCE, REGRESS, WIN, LOSE, REOPEN = "advance", "regress", "win", "lose", "reopen"
# What is not a field of the deal is supplied by a deed: its right, the words on the button, its address after `do/`.
DEEDS = {
    "contact_role": ("contact_roles", "Add a contact", "add_contact/"),
    "economic_buyer": (
        "contact_roles",
        "Add the economic buyer",
        f"add_contact/?role={BuyingRole.ECONOMIC_BUYER}",
    ),
    "need_statement": ("qualify", "Add what they said", f"add_evidence/?kind={EvidenceKind.NEED_STATEMENT}"),
    "problem_statement": (
        "qualify",
        "Add what they said",
        f"add_evidence/?kind={EvidenceKind.PROBLEM_STATEMENT}",
    ),
    "any_step": ("next_step", "Set the next step", "set_next_step/"),
    "inspection": ("inspect", "Inspect the deal", "inspect/"),
    "buyer_step": ("next_step", "Set the next step", "set_next_step/?next_step_side=buyer"),
    "signature_step": ("next_step", "Agree on the signature", "set_next_step/?next_step_kind=signature"),
    **{
        f"meddicc_{element}": ("qualify", f"Score {element.label.lower()}", f"score/?element={element}")
        for element in Element
    },
    "evaluation_plan": ("qualify", "Add a milestone", f"add_milestone/?plan={PlanKind.EVALUATION}"),
    "paper_plan": ("qualify", "Add a step to signature", f"add_milestone/?plan={PlanKind.PAPER}"),
    "security_review": ("qualify", "Say how it stands", f"set_review/?kind={ReviewKind.SECURITY}"),
    "reviews": ("qualify", "Say how it stands", "set_review/"),
    "territory": ("transition", "Copy from the account", "copy_again/"),
    "geo": ("transition", "Copy from the account", "copy_again/"),
    "reason_code": ("transition", "Close as lost", "close_lost/"),
    "last_buyer_contact_on": ("transition", "Close as lost", "close_lost/"),
}


def pass_through(
    deal: Opportunity,
    transition: str,
    to: str,
    *,
    findings: Sequence[Finding] = (),
    acknowledge: Collection[str] = (),
    idem: str = "",
) -> GateAttempt:
    """Let a locked deal into the stage `to`, in the open change. Raises Blocked with every finding; both are kept."""
    machine = machines.get(MACHINE)
    return gates.pass_through(
        deal,
        machine=machine,
        transition=transition,
        to=str(to),
        findings=findings,
        acknowledge=acknowledge,
        idem=idem,
    )


def take_as_found(deals: Sequence[Opportunity]) -> None:
    """Say that these deals stand where another system had them: history, no move. A migration alone says so."""
    gates.take_as_found(deals, machines.get(MACHINE))


def remedies(deal: Any, criterion: Any) -> tuple[Remedy, ...]:
    """Return how to supply what a criterion asks for: a deed of the deal, or one of its fields."""
    name, address = criterion.supplied_by, deal.get_absolute_url()
    if name in DEEDS:
        _, words, form = DEEDS[name]
        return (Remedy(words, f"{address}do/{form}"),)
    if name == "meeting":
        return (Remedy("Log the meeting", f"{address}#timeline"),)
    return (Remedy("Fill in", f"{address}edit/#input-{name}"),) if name else ()
