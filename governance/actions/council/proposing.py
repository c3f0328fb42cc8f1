"""Put a topic before the council, and change what it says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from governance.actions.council import rules
from governance.enums import GRANTED, UNDECIDED, DecisionState, RfcState
from governance.models import ChangeRequest, DecisionItem
from governance.policies import clocks
from revops.kernel import audit, outbox, sla
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

_NEVER_EMPTY = frozenset({"urgency", "options"})
_LINKS: Mapping[str, Any] = {"owner": User, "rfc": ChangeRequest}
_OPEN_TO = {RfcState.DRAFT, RfcState.SUBMITTED, *GRANTED}


def create_item(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> DecisionItem:
    """Put a topic before the council and start the clock of its decision; whoever brings it owns it by default.

    Raises Blocked with every finding, Forbidden.
    """
    with audit.change(by=by, action="council.propose", at=at):
        access.require_create(by, DecisionItem, values)
        draft = drafting.read(values, DecisionItem(proposer=by), never_empty=_NEVER_EMPTY)
        return _propose(draft, by)


def put_to_council(
    *, by: User, pk: int, topic: str = "", evidence: str = "", version: int | None = None, reason: str = ""
) -> ChangeRequest:
    """Ask the council whether a request for change may go live: it may where the outcome is the first option."""
    with audit.change(by=by, action="rfc.put_to_council", reason=reason):
        rfc: ChangeRequest = audit.lock(ChangeRequest.objects.visible_to(by), pk=pk, version=version)
        access.require(by, "put_to_council", rfc)
        values = {
            "topic": topic.strip() or f"{rfc.number}: {rfc.title}"[:160],
            "evidence": evidence or rfc.problem,
            "impact": rfc.impact,
        }
        draft = drafting.read(values, DecisionItem(proposer=by, rfc=rfc), clean=True)
        draft.given["rfc"] = rfc
        _propose(draft, by)
        return rfc


def _propose(draft: Draft, by: User) -> DecisionItem:
    item: DecisionItem = draft.record
    drafting.need(draft, ["topic"], code="CNL-011")
    drafting.link([draft], {name: _LINKS[name] for name in _LINKS if _is_id(draft, name)}, by, code="CNL-012")
    drafting.put(draft)
    if not item.owner_id:
        item.owner = by
    draft.findings += [*rules.options(item), *_about(item)]
    if draft.findings:
        raise audit.Blocked(draft.findings)
    item.state = DecisionState.SCHEDULED if item.meets_on else DecisionState.PROPOSED
    audit.write(item)
    sla.start(clocks.COUNCIL, item, facts={"item.urgency": item.urgency}, owner=item.owner)
    _tell("council.proposed", item)
    return item


def _is_id(draft: Draft, name: str) -> bool:
    return isinstance(draft.given.get(name), int)


def _about(item: DecisionItem) -> list[Finding]:
    """Return what speaks against asking about this request for change: it is over, or is before the council already."""
    if item.rfc is None:
        return []
    if item.rfc.state not in _OPEN_TO:
        state = str(RfcState(item.rfc.state).label).lower()
        message = f"{item.rfc.number} is {state}; the council decides about what may still go live."
        return [Finding("CNL-013", message, field="rfc", found=state, needed="a request that may go live")]
    if DecisionItem.objects.filter(rfc=item.rfc, state__in=UNDECIDED).exclude(pk=item.pk).exists():
        message = (
            f"{item.rfc.number} is before the council already. Wait for the decision, or withdraw it there."
        )
        return [
            Finding(
                "CNL-014", message, field="rfc", found=item.rfc.number, needed="a request not asked about"
            )
        ]
    return []


def edit_item(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> DecisionItem:
    """Change a topic until it is decided; a day of meeting schedules it.

    Once somebody has voted the options stay as they are. Raises Blocked with every finding, Conflict, Forbidden.
    """
    with audit.change(by=by, action="council.edit", reason=reason):
        item: DecisionItem = audit.lock(DecisionItem.objects.visible_to(by), pk=pk, version=version)
        access.require_edit(by, item, changes)
        draft = drafting.read(changes, item, never_empty=_NEVER_EMPTY, code="CNL-011")
        drafting.need(draft, ["topic"], code="CNL-011")
        drafting.link([draft], {"owner": User} if _is_id(draft, "owner") else {}, by, code="CNL-012")
        before = item.options
        drafting.put(draft)
        draft.findings += [*rules.in_state(item, UNDECIDED, "changed"), *rules.options(item)]
        if not item.owner_id:
            draft.refuse("CNL-011", "A decision has an owner. Choose somebody.", "owner", needed="a person")
        if item.options != before and item.votes.exists():
            message = (
                "There are votes already: the options stay as they are. Withdraw the topic and bring another."
            )
            draft.refuse("CNL-002", message, "options", needed="the options that were voted about")
        if draft.findings:
            raise audit.Blocked(draft.findings)
        if "meets_on" in changes and item.state != DecisionState.DEFERRED:
            item.state = DecisionState.SCHEDULED if item.meets_on else DecisionState.PROPOSED
        audit.write(item)
        _tell("council.edited", item)
        return item


def _tell(event: str, item: DecisionItem) -> None:
    payload = {"owner": item.owner_id, "proposer": item.proposer_id, "rfc": item.rfc_id}
    outbox.emit(event, item, payload)
