"""What speaks against a request for change: all findings at once, each with what to do."""

from collections.abc import Collection, Sequence
from datetime import datetime

from governance.enums import UNDECIDED, DecisionState, RfcState
from governance.models import ChangeRequest, DecisionItem, RfcChange
from governance.policies import control
from revops.kernel.audit import Finding
from revops.kernel.policies import simulating
from revops.kernel.policies.documents import get as document_of
from revops.kernel.policies.enums import Status
from revops.kernel.policies.models import PolicyVersion

REASON_NEEDS = 20
_WORDS = {
    "problem": "Say what problem this solves",
    "proposal": "Say what is to change",
    "impact": "Say what it means for whom",
}
_HELD = [RfcState.SUBMITTED, RfcState.APPROVED, RfcState.SCHEDULED, RfcState.DRAFT]


def in_state(rfc: ChangeRequest, allowed: Collection[str], verb: str) -> list[Finding]:
    """Return what speaks against doing something in the state in which the request is."""
    if rfc.state in allowed:
        return []
    state = str(RfcState(rfc.state).label).lower()
    needed = " or ".join(str(RfcState(one).label).lower() for one in sorted(allowed))
    message = f"{rfc.number} is {state} and cannot be {verb}; that is possible while it is {needed}."
    return [Finding("CHG-008", message, field="state", found=state, needed=needed)]


def window(rfc: ChangeRequest, now: datetime) -> list[Finding]:
    """Return what speaks against the window and the planned instant, as they stand beside each other."""
    begins, ends, planned = rfc.window_from, rfc.window_to, rfc.planned_at
    found = []
    if (begins is None) != (ends is None):
        name = "window_from" if begins is None else "window_to"
        message = "A change window has a beginning and an end. Give both, or neither."
        found.append(Finding("CHG-006", message, field=name, needed="an instant"))
    elif begins and ends and ends <= begins:
        message = (
            f"The window ends on {_told(ends)}, before it begins on {_told(begins)}. Correct one of them."
        )
        found.append(
            Finding("CHG-006", message, field="window_to", found=_told(ends), needed="a later instant")
        )
    if planned and not within(rfc, planned):
        needed = f"an instant from {_told(begins)} until {_told(ends)}"
        message = f"It is planned to go live on {_told(planned)}, outside its window. Choose {needed}."
        found.append(Finding("CHG-007", message, field="planned_at", found=_told(planned), needed=needed))
    return found


def within(rfc: ChangeRequest, at: datetime) -> bool:
    """Say whether an instant lies inside the window: any does where none is given."""
    if rfc.window_from is None or rfc.window_to is None:
        return True
    return rfc.window_from <= at < rfc.window_to


def complete(rfc: ChangeRequest, changes: Sequence[RfcChange], now: datetime) -> list[Finding]:
    """Return everything that a request still lacks before the board may be asked. Source: d1 (RFC guards)."""
    found = [
        Finding("CHG-001", f"{words}.", field=name, needed="a few words")
        for name, words in _WORDS.items()
        if not getattr(rfc, name).strip()
    ]
    found += _way_back(rfc)
    if not changes:
        message = "There is no change in this request. Attach the draft of a policy."
        found.append(Finding("CHG-003", message, field="drafts", needed="a draft"))
    found += [finding for change in changes for finding in simulated(change)]
    versions = [change.policy_version for change in changes]
    found += [*attachable(versions, rfc), *takes_back(versions)]
    found += window(rfc, now)
    if rfc.window_to is not None and rfc.window_to <= now:
        message = f"The window ended on {_told(rfc.window_to)}. Choose one that lies ahead."
        found.append(
            Finding("CHG-006", message, field="window_to", found=_told(rfc.window_to), needed="later")
        )
    return found


def _way_back(rfc: ChangeRequest) -> list[Finding]:
    least, length = control.body().rollback_plan_characters, len(" ".join(rfc.rollback_plan.split()))
    if length >= least:
        return []
    message = f"Say how it is taken back, in at least {least} characters (there are {length})."
    return [
        Finding("CHG-002", message, field="rollback_plan", found=str(length), needed=f"{least} characters")
    ]


def simulated(change: RfcChange) -> list[Finding]:
    """Return what speaks against the simulation of a change: there is none, or it is one of another draft."""
    named = str(change.policy_version)
    if change.simulation is None:
        message = (
            f"{named} was not simulated. Run the simulation, so that the board sees what it would change."
        )
        return [Finding("CHG-004", message, field="drafts", found=named, needed="a simulation")]
    if change.simulation.digest != simulating.digest_of(change.policy_version):
        message = f"The simulation of {named} is of another text. Simulate again."
        return [Finding("CHG-005", message, field="drafts", found=named, needed="a simulation of this draft")]
    return []


def attachable(versions: Sequence[PolicyVersion], rfc: ChangeRequest) -> list[Finding]:
    """Return what speaks against these drafts in this request, in one query."""
    found = []
    others = RfcChange.objects.filter(policy_version__in=versions, is_active=True, rfc__state__in=_HELD)
    held = {one.policy_version_id: one.rfc for one in others.exclude(rfc_id=rfc.pk).select_related("rfc")}
    seen: set[int] = set()
    for version in versions:
        named = str(version)
        if version.status not in (Status.DRAFT, Status.APPROVED):
            state = str(version.get_status_display()).lower()
            message = f"{named} is {state}; only a draft goes live. Draft the next version."
            found.append(Finding("CHG-009", message, field="drafts", found=state, needed="a draft"))
        if version.pk in held:
            other = held[version.pk].number
            message = f"{named} stands in {other} already. Take it off there, or draft a version of its own."
            found.append(
                Finding("CHG-010", message, field="drafts", found=other, needed="a draft of its own")
            )
        if version.policy_id in seen:
            message = f"Two versions of {version.policy} stand in this request. Keep one of them."
            found.append(
                Finding("CHG-018", message, field="drafts", found=named, needed="one draft a policy")
            )
        seen.add(version.policy_id)
        found += document_of(version.policy.key).findings(version.body)
    return found


def takes_back(versions: Sequence[PolicyVersion]) -> list[Finding]:
    """Return what speaks against a way back that works: what is in force today must still read, in one query.

    Source: b-transitions (RFC: rollback tested).
    """
    rows = PolicyVersion.objects.filter(
        policy__in=[version.policy_id for version in versions], status=Status.ACTIVE
    ).exclude(pk__in=[version.pk for version in versions])
    before = {one.policy_id: one for one in rows.select_related("policy").order_by("effective_from")}
    found = []
    for one in before.values():
        if document_of(one.policy.key).findings(one.body):
            message = f"{one} could not be brought back: its text is not understood any more. Replace it by hand first."
            found.append(
                Finding(
                    "CHG-015", message, field="rollback_plan", found=str(one), needed="a version that reads"
                )
            )
    return found


def council_agrees(rfc: ChangeRequest) -> list[Finding]:
    """Return what the council has against it, where it was asked: it has not decided, or decided otherwise."""
    asked = (
        DecisionItem.objects.filter(rfc=rfc).exclude(state=DecisionState.WITHDRAWN).order_by("-pk").first()
    )
    if asked is None:
        return []
    if asked.state in UNDECIDED:
        message = (
            f"The council has not decided about “{asked.topic}” yet. Wait for it, or withdraw the question."
        )
        return [Finding("CHG-014", message, field="state", found=asked.state, needed="a decision")]
    if asked.outcome == asked.choices[0]:
        return []
    message = (
        f"The council decided “{asked.outcome}” about “{asked.topic}”. Change the request and ask again."
    )
    return [Finding("CHG-014", message, field="state", found=asked.outcome, needed=asked.choices[0])]


def because(reason: str) -> list[Finding]:
    """Return what speaks against a reason: that it says too little."""
    length = len(" ".join(reason.split()))
    if length >= REASON_NEEDS:
        return []
    message = (
        f"Say why in at least {REASON_NEEDS} characters (there are {length}); the reason stays on record."
    )
    return [
        Finding("CHG-016", message, field="reason", found=str(length), needed=f"{REASON_NEEDS} characters")
    ]


def _told(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "any time"
