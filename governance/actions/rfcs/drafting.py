"""Write a request for change, and change what it says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from governance.actions.rfcs import content, rules, simulations, writing
from governance.actions.rfcs.telling import tell
from governance.enums import CHANGEABLE, RfcState
from governance.models import ChangeRequest
from revops.kernel import audit
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies.models import PolicyVersion
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

_NEVER_EMPTY = frozenset({"urgency", "migrate"})


def create_rfc(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> ChangeRequest:
    """Write a request for change as a draft, with the policy drafts in `drafts` attached and simulated.

    Raises Blocked with every finding, Forbidden.
    """
    binds = str(values.get("migrate", "")).lower() in ("true", "on", "1")
    impacts = simulations.of(by, simulations.named(values.get("drafts")), migrate=binds)
    with audit.change(by=by, action="rfc.create", at=at):
        access.require_create(by, ChangeRequest, values)
        draft = drafting.read(values, ChangeRequest(requester=by), never_empty=_NEVER_EMPTY)
        drafting.need(draft, ["title"], code="CHG-001")
        versions = _drafts(draft, by)
        _put(draft)
        now = audit.current().recorded_at
        draft.findings += [*rules.window(draft.record, now), *rules.attachable(versions, draft.record)]
        if draft.findings:
            raise audit.Blocked(draft.findings)
        rfc: ChangeRequest = draft.record
        content.refresh(rfc, versions)
        audit.write(rfc)
        writing.attach(rfc, versions, impacts)
        tell("rfc.created", rfc)
        return rfc


def edit_rfc(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> ChangeRequest:
    """Change what a request says, until it is live.

    Where this touches what the board was asked, the request is a draft again and its approval is void (M6).
    Raises Blocked with every finding, Conflict, Forbidden, DoesNotExist.
    """
    with audit.change(by=by, action="rfc.edit", reason=reason):
        rfc: ChangeRequest = audit.lock(ChangeRequest.objects.visible_to(by), pk=pk, version=version)
        access.require_edit(by, rfc, changes)
        asked, planned, binds = content.covered(rfc), rfc.planned_at, rfc.migrate
        draft = drafting.read(changes, rfc, never_empty=_NEVER_EMPTY, code="CHG-001")
        drafting.need(draft, ["title"], code="CHG-001")
        _put(draft)
        draft.findings += rules.in_state(rfc, CHANGEABLE, "changed")
        draft.findings += rules.window(rfc, audit.current().recorded_at)
        if draft.findings:
            raise audit.Blocked(draft.findings)
        if rfc.state == RfcState.SCHEDULED and rfc.planned_at != planned:
            rfc.state = RfcState.APPROVED  # another instant is for operations to schedule
        if rfc.migrate != binds:
            writing.drop_simulations(rfc)
        writing.settle(rfc, asked)
        return rfc


def _put(draft: Draft) -> None:
    """Set what fits, so that the rules read the record as it would be."""
    drafting.put(draft, but={"drafts"})


def _drafts(draft: Draft, by: User) -> Sequence[PolicyVersion]:
    """Return the policy drafts that were named, in the order given; one nobody can see is a finding."""
    wanted = draft.given.pop("drafts", None) or ()
    rows = PolicyVersion.objects.visible_to(by).filter(pk__in=wanted).select_related("policy")
    held = {version.pk: version for version in rows} if wanted else {}
    for pk in wanted:
        if pk not in held:
            message = f"There is no draft of a policy with the id {pk}. Choose another one."
            draft.refuse("CHG-009", message, "drafts", found=pk, needed="a draft")
    return [held[pk] for pk in wanted if pk in held]
