"""Attach policy drafts to a request and take them off again, and simulate them anew."""

from collections.abc import Iterable

from governance.actions.rfcs import content, deciding, rules, simulations, writing
from governance.enums import CHANGEABLE, GRANTED
from governance.models import ChangeRequest, RfcChange
from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies.models import PolicyVersion


def attach_draft(
    *, by: User, pk: int, draft: int, version: int | None = None, reason: str = ""
) -> ChangeRequest:
    """Attach a policy draft with its simulation. A request that was submitted is a draft again.

    Raises Blocked with every finding, Conflict, Forbidden, DoesNotExist.
    """
    impacts = simulations.of(by, [draft], migrate=_migrates(pk))
    with audit.change(by=by, action="rfc.attach", reason=reason):
        rfc = _held(by, pk, version, "attach")
        asked, held = content.covered(rfc), content.versions_of(rfc)
        found = PolicyVersion.objects.visible_to(by).filter(pk=draft).select_related("policy").first()
        if found is None:
            message = f"There is no draft of a policy with the id {draft}. Choose another one."
            raise audit.Blocked.because("CHG-009", message, field="draft", found=str(draft), needed="a draft")
        versions = [one for one in held if one.pk != draft] + [found]
        _refuse([*rules.in_state(rfc, CHANGEABLE, "given another change"), *rules.attachable(versions, rfc)])
        writing.attach(rfc, [found], impacts)
        content.refresh(rfc, versions)
        writing.settle(rfc, asked)
        return rfc


def detach_draft(
    *, by: User, pk: int, draft: int, version: int | None = None, reason: str = ""
) -> ChangeRequest:
    """Take a policy draft off a request. A request that was submitted is a draft again. Raises as `attach_draft`."""
    with audit.change(by=by, action="rfc.detach", reason=reason):
        rfc = _held(by, pk, version, "detach")
        asked = content.covered(rfc)
        _refuse(rules.in_state(rfc, CHANGEABLE, "relieved of a change"))
        found = lock_many(RfcChange.objects.filter(rfc=rfc, policy_version=draft, is_active=True))
        if not found:
            message = f"No draft with the id {draft} stands in {rfc.number}. Choose one of its changes."
            raise audit.Blocked.because(
                "CHG-009", message, field="draft", found=str(draft), needed="one of its changes"
            )
        if rfc.state in GRANTED:
            deciding.take_back(rfc)
        found[0].is_active = False
        audit.write_many(found)
        content.refresh(rfc, content.versions_of(rfc))
        writing.settle(rfc, asked)
        return rfc


def simulate_again(*, by: User, pk: int, version: int | None = None, reason: str = "") -> ChangeRequest:
    """Simulate every draft of a request anew, as of now. What is asked stays the same, and so does its approval."""
    ids = RfcChange.objects.filter(rfc=pk, is_active=True).values_list("policy_version", flat=True)
    impacts = simulations.of(by, ids, migrate=_migrates(pk))
    with audit.change(by=by, action="rfc.simulate", reason=reason):
        rfc = _held(by, pk, version, "simulate")
        _refuse(rules.in_state(rfc, CHANGEABLE, "simulated"))
        writing.attach(rfc, content.versions_of(rfc), impacts)
        return rfc


def _migrates(pk: int) -> bool:
    return ChangeRequest.objects.filter(pk=pk, migrate=True).exists()


def _held(by: User, pk: int, version: int | None, action: str) -> ChangeRequest:
    rfc: ChangeRequest = audit.lock(ChangeRequest.objects.visible_to(by), pk=pk, version=version)
    access.require(by, action, rfc)
    return rfc


def _refuse(findings: Iterable[audit.Finding]) -> None:
    if found := list(findings):
        raise audit.Blocked(found)
