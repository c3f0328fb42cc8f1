"""What a deal lacks for its next stage, given together with the move: written with it, or not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from opportunities.actions import drafts, fields, meddicc, milestones, review_statuses
from opportunities.actions.contact_roles import write_contact_role
from opportunities.actions.gating import DEEDS
from opportunities.models import Opportunity
from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.gates import debts
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.boards import Deed, Supply

Values = Mapping[str, Any]
LABEL = "opportunities.opportunity"


def _add_evidence(deal: Opportunity, values: Values, by: User) -> None:
    from opportunities.actions.evidence import write_evidence

    write_evidence(deal, values, by=by)


def _set_next_step(deal: Opportunity, values: Values, by: User) -> None:
    from opportunities.actions.next_steps import setting  # above what edits fields, which this is below

    setting.write(deal, setting.asked(values), by)


# By which deed what is no field of a deal comes with its move, in the order in which they are written: people first.
WRITERS: Mapping[str, Callable[[Opportunity, Values, User], object]] = {
    "add_contact": lambda deal, values, by: write_contact_role(deal, values, by=by),
    "add_evidence": _add_evidence,
    "score": lambda deal, values, by: meddicc.write_score(deal, values, by=by),
    "add_milestone": lambda deal, values, by: milestones.write_milestone(deal, values, by=by),
    "set_review": lambda deal, values, by: review_statuses.write_review(deal, values, by=by),
    "set_next_step": _set_next_step,
}
_ORDER = {name: place for place, name in enumerate(WRITERS)}


def supply(name: str) -> Supply | None:
    """Return the deed that supplies what a finding names; None for a field, and for what no move can bring along."""
    if name not in DEEDS:
        return None
    _, words, form = DEEDS[name]
    address, _, asked = form.partition("?")
    action = next((one for one in registry.get(LABEL).actions if f"{one.name}/" == address), None)
    if action is None or action.name not in WRITERS:
        return None
    return Supply(action, dict(parse_qsl(asked)), words)


def fill(deal: Opportunity, changes: Values, by: User, reason: str, deeds: Sequence[Deed] = ()) -> None:
    """Change fields of a locked deal inside the open change, and do deeds about it, so that what follows finds them.

    `changes` and the values of `deeds` are as somebody typed them. Raises Blocked with every finding, those against a
    deed named after its key; Forbidden for a field one may not change and for a deed one may not do.
    """
    findings = _edit(deal, changes, by, reason)
    for deed in sorted(deeds, key=lambda one: _ORDER[one.action]):
        findings += _do(deal, deed, by)
    if findings:
        raise audit.Blocked(findings)
    if deeds:
        debts.settle(deal)


def _edit(deal: Opportunity, changes: Values, by: User, reason: str) -> list[Finding]:
    changes = {name: value for name, value in changes.items() if name != "stage"}  # that is the move itself
    if not changes:
        return []
    access.require_edit(by, deal, changes)
    draft = drafts.read(changes, deal)
    drafts.check([draft], by)
    fields.check_edit(draft, reason, fields.Looked())
    if not draft.findings:
        fields.write_edited([draft], by, reason)
    return draft.findings


def _do(deal: Opportunity, deed: Deed, by: User) -> list[Finding]:
    """Do one deed about a locked deal; return what speaks against it, each finding at its place in the form."""
    action = next(one for one in registry.get(LABEL).actions if one.name == deed.action)
    access.require(by, action.asks, deal)
    given = {name: value for name, value in deed.values.items() if value not in (None, "")}
    try:
        WRITERS[deed.action](deal, given, by)
    except audit.Blocked as error:
        return [replace(one, field=deed.named(one.field)) for one in error.findings]
    return []
