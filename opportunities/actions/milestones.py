"""The plans of a deal: dated steps of the evaluation and on the way to signature. Source: d2, M8."""

from collections.abc import Mapping
from typing import Any

from accounts.actions import races
from opportunities.actions import qualifying
from opportunities.enums import PlanKind
from opportunities.facts.showing import PLAN
from opportunities.models import Opportunity
from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.gates import debts
from revops.kernel.identity.models import User
from revops.kernel.packets.actions import add_obligation
from revops.kernel.packets.enums import ObligationKind, Side
from revops.kernel.packets.models import Obligation
from revops.kernel.records.registry import Field, FieldKind
from revops.kernel.records.work import subjects

LEAST = 10
FIELDS = (
    Field("plan", "Plan", FieldKind.CHOICE, choices=PlanKind.choices, required=True),
    Field("text", "What is reached", required=True, help="At least 10 characters."),
    Field("due_on", "Until", FieldKind.DATE, required=True),
    Field("side", "Whose move", FieldKind.CHOICE, choices=Side.choices, help="Ours, if nothing is chosen."),
    Field(
        "owner",
        "Who sees to it",
        FieldKind.PERSON,
        reference="identity.user",
        help="The owner of the deal, if nobody is chosen.",
    ),
)


@races.told
def add_milestone(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Obligation:
    """Add a step to a plan of the deal `pk`: plan, text, day, whose move it is and who of ours sees to it.

    It is an obligation of kind milestone: done with evidence, in My work or from the plan. Raises Blocked with every
    finding.
    """
    with audit.change(by=by, action="opportunity.add_milestone", reason=reason):
        deal = qualifying.lock(by, pk, version)
        step = write_milestone(deal, values, by=by)
        debts.settle(deal)
        return step


def write_milestone(deal: Opportunity, values: Mapping[str, Any], *, by: User) -> Obligation:
    """Add a step to a plan of a locked deal inside the open change; `values` as `add_milestone` takes them."""
    cleaned = qualifying.read(FIELDS, qualifying.said(values), what="a milestone")
    given, findings = cleaned.values, [*cleaned.findings, *qualifying.check_open(deal)]
    owner, told = qualifying.person(given.get("owner"), "owner")
    findings += told
    text = given.get("text", "")
    if text and len(text) < LEAST:
        message = f"“{text}” says too little: at least {LEAST} characters, so that anybody knows when it is reached."
        findings.append(Finding("OPP-145", message, field="text", found=text, needed="10 characters"))
    if "plan" not in given or not text:
        raise audit.Blocked(findings)
    return add_obligation(
        kind=ObligationKind.MILESTONE,
        text=text,
        owner=owner or deal.owner or by,
        subject=subjects.of(deal),
        due_on=given.get("due_on"),
        counterparty_side=given.get("side") or Side.US,
        source_ref=f"{PLAN}{given['plan']}",
        by=by,
        said=findings,
    )
