"""What is done about a next step from the side of its obligation: from the tasks, My work or the API. Source: INV-2.3.

The deal is locked first, and says the same as its obligation afterwards. Whoever is asked may act, as with any task.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from accounts.actions import races
from opportunities.actions import fields
from opportunities.actions.next_steps import checking, keeping, setting
from opportunities.actions.next_steps.obligations import OPENING
from opportunities.models import Opportunity
from revops.kernel import audit
from revops.kernel.audit import Blocked, Finding, Remedy
from revops.kernel.identity.models import User
from revops.kernel.packets import rules
from revops.kernel.packets.actions.tasks import announce
from revops.kernel.packets.kept import Keeper
from revops.kernel.packets.models import Obligation
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft
from revops.kernel.records.registry import RecordAction, add_action

TASKS = "packets.obligation"
# What an edit of the obligation changes of the deal.
_OF_THE_DEAL = {"text": "next_step", "due_on": "next_step_on", "counterparty_side": "next_step_side"}
_OWN = frozenset({"note", "priority"})


@races.told
def finish(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Obligation:
    """Say what came of a next step and what comes after it, in one deed; return the obligation that it ended.

    `values` are those of `set_next_step`. Raises Blocked with every finding, Conflict, Forbidden, DoesNotExist.
    """
    with audit.change(by=by, action="opportunity.set_next_step", reason=reason):
        deal, task = _locked(by, pk, version)
        access.require(by, "complete", task)
        if findings := rules.is_open(task, "marked as done"):
            raise Blocked(findings)
        setting.write(deal, values, by, reason)
    return Obligation.objects.get(pk=pk)


@races.told
def _reschedule(
    *, by: User, pk: int, due_on: date, version: int | None = None, reason: str = ""
) -> Obligation:
    """Move a next step to another day, on the deal as well."""
    with audit.change(by=by, action="task.reschedule", reason=reason):
        deal, task = _locked(by, pk, version)
        access.require(by, "complete", task)
        findings = [*rules.is_open(task, "rescheduled"), *_unsaid(task, deal)]
        _write(deal, {"next_step_on": due_on}, by, reason, findings)
        return _again(task, "task.rescheduled", by)


@races.told
def _edit(
    *,
    by: User,
    pk: int,
    changes: Mapping[str, Any],
    said: Sequence[Finding] = (),
    version: int | None = None,
    reason: str = "",
) -> Obligation:
    """Say a next step in other words, on the deal as well: it stays the same obligation."""
    with audit.change(by=by, action="task.edit", reason=reason):
        deal, task = _locked(by, pk, version)
        access.require_edit(by, task, changes)
        findings = [
            *said,
            *rules.is_open(task, "changed"),
            *rules.check(task, {name: changes[name] for name in changes if name != "due_on"}, date.min),
        ]
        if changes.get("due_at") is not None:
            message = "A next step has a day and no time of day. Leave the time out; a meeting may be planned instead."
            findings.append(Finding("TSK-015", message, field="due_at", needed="a day"))
        given = {of: changes[name] for name, of in _OF_THE_DEAL.items() if name in changes}
        if task.source_ref == OPENING and "next_step" not in given:
            given.pop("next_step_on", None)
        keeping.told().reworded.add(deal.pk)
        _write(deal, given, by, reason, findings)
        task = _relocked(task)
        for name in _OWN & changes.keys():
            setattr(task, name, changes[name])
        return _again(audit.write(task), "task.edited", by)


def _complete(
    *,
    by: User,
    pk: int,
    outcome: str = "",
    evidence_ref: str = "",
    version: int | None = None,
    reason: str = "",
) -> Obligation:
    """Refuse: a next step is done by saying what comes after it."""
    message = "An open deal always has a next step: say what came of this one together with what comes next."
    return _refuse(by, pk, "TSK-014", message, "outcome", "the next step after it")


def _cancel(*, by: User, pk: int, reason: str, version: int | None = None) -> Obligation:
    """Refuse: a next step is given up for another one."""
    message = "An open deal always has a next step: it is given up for another one, or with the deal."
    return _refuse(by, pk, "TSK-014", message, "state", "another next step")


def _reopen(*, by: User, pk: int, version: int | None = None, reason: str = "") -> Obligation:
    """Refuse: the deal has another next step by now, or is closed."""
    message = "This next step is over and the deal has gone on. Set the next step of the deal instead."
    return _refuse(by, pk, "TSK-014", message, "state", "a new next step")


def _refuse(by: User, pk: int, code: str, message: str, field: str, needed: str) -> Obligation:
    task: Obligation = Obligation.objects.visible_to(by).get(pk=pk)
    access.require(by, "complete", task)
    way = Remedy("Set the next step", f"/opportunities/{task.subject_id}/do/set_next_step/")
    told = f"{message} Use “{way.label}”."
    raise Blocked([Finding(code, told, field=field, found=task.text, needed=needed, remedies=(way,))])


def _locked(by: User, pk: int, version: int | None) -> tuple[Opportunity, Obligation]:
    """Return the deal and then its obligation, both locked. Raises DoesNotExist outside one's scope, Conflict."""
    seen: Any = Obligation.objects.visible_to(by)
    about = seen.values_list("subject_id", flat=True).get(pk=pk)
    deal: Opportunity = audit.lock(Opportunity.objects.visible_to(by), pk=about)
    task: Obligation = audit.lock(seen, pk=pk, version=version)
    return deal, task


def _unsaid(task: Obligation, deal: Opportunity) -> list[Finding]:
    """Return a finding for what only stands in for a next step: it is not put off, but replaced by one."""
    if task.source_ref != OPENING:
        return []
    remedy = checking.set_it(deal)
    message = f"Nothing has been agreed on yet. Say what comes next, with “{remedy.label}”."
    return [Finding("TSK-014", message, field="due_on", needed="a next step", remedies=(remedy,))]


def _write(
    deal: Opportunity, given: Mapping[str, Any], by: User, reason: str, findings: Sequence[Finding]
) -> None:
    draft = Draft(deal, dict(given))
    fields.check_edit(draft, reason, fields.Looked())
    if told := [*findings, *draft.findings]:
        raise Blocked(told)
    fields.write_edited([draft], by, reason)


def _relocked(task: Obligation) -> Obligation:
    fresh: Obligation = audit.lock(Obligation.objects.all(), pk=task.pk)
    return fresh


def _again(task: Obligation, event: str, by: User) -> Obligation:
    """Return the obligation as it is now, and tell of it where it changed."""
    fresh: Obligation = Obligation.objects.get(pk=task.pk)
    wrote = {(row.record_type, row.record_id) for row in audit.current().rows}
    if (TASKS, fresh.pk) in wrote:
        announce(event, fresh, by)
    return fresh


def _is_step(task: Any) -> bool:
    return bool(task.state == "open" and task.kind == "next_step")


def _finish(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Obligation:
    given = drafting.answers(FINISH, values)
    kept = {name: value for name, value in given.items() if value not in (None, "")}
    return finish(by=by, pk=pk, values=kept, version=version, reason=reason)


KEEPER = Keeper(complete=_complete, cancel=_cancel, reopen=_reopen, reschedule=_reschedule, edit=_edit)
FINISH = RecordAction(
    "set_next_step",
    "Say what comes next",
    setting.FIELDS,
    _finish,
    icon="arrow-right",
    help="What came of this step, and the one after it.",
    right="complete",
    fits=_is_step,
    primary=True,
)
add_action(TASKS, FINISH)
