"""The way through an import, backwards: a change at a time, each in one transaction together with the progress."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, OperationalError

from revops.kernel import audit
from revops.kernel.audit.refusals import Conflict
from revops.kernel.exchange import claims, persons
from revops.kernel.exchange.findings import Located
from revops.kernel.exchange.garbage import collected_rarely
from revops.kernel.exchange.models import ImportKept, ImportRun
from revops.kernel.exchange.reverting import before, trail
from revops.kernel.exchange.reverting import report as reports
from revops.kernel.exchange.reverting.applying import apply
from revops.kernel.exchange.reverting.deciding import NEXT, Decision, decide, named
from revops.kernel.exchange.reverting.groups import Group, gather
from revops.kernel.exchange.reverting.report import Revert
from revops.kernel.exchange.reverting.trail import Key
from revops.kernel.identity.models import User
from revops.kernel.people import access

ATTEMPTS = 3
KEPT_AT_ONCE = 500
Progress = Callable[[int, int], None]


def plan(run: ImportRun, by: Any) -> Revert:
    """Say what a revert would remove, restore and keep, and why. Writes nothing and locks nothing.

    Raises Forbidden without the right to revert, Blocked for an import that is still running.
    """
    _require_right(run, by)
    claims.require_revertible(run)
    report, gone, kept = Revert(run.pk, True), set[Key](), dict[Key, Group]()
    touched = trail.types(run)
    for event in trail.changes(run).iterator():
        keys = trail.written(event) - gone
        decision = decide(gather(run, keys, touched, lock=False), gone)
        _rehearse(decision, report, gone, kept)
    _rehearse_kept(run, touched, report, gone, kept)
    for group in kept.values():
        report.keep(group)
    return report


def _rehearse(decision: Decision, report: Revert, gone: set[Key], kept: dict[Key, Group]) -> None:
    """Count what would go back, and remember it for the changes before."""
    fresh = [group for group in decision.going if group.pieces[0].key not in gone]
    report.take(Decision(fresh, []))
    gone |= {piece.key for group in fresh for piece in group.pieces}
    for group in fresh:
        kept.pop(group.top, None)
    kept |= {group.top: group for group in decision.staying}


def _rehearse_kept(
    run: ImportRun, touched: list[str], report: Revert, gone: set[Key], kept: dict[Key, Group]
) -> None:
    """Try the kept ones again, as `run` does, until none of them gives way."""
    before = -1
    while kept and len(kept) != before:
        before = len(kept)
        _rehearse(decide(gather(run, set(kept), touched, lock=False), gone), report, gone, kept)


def run(run: ImportRun, by: Any, *, progress: Progress | None = None) -> Revert:
    """Take an import back, within `by`'s rights; go on where an earlier attempt was cut off.

    Exactly once: a revert that is killed is begun again, one that is finished tries only what it kept. Of two at
    once the later takes over, and the earlier raises Superseded before it does harm. Raises Forbidden without the
    right or when it is lost on the way, Blocked for an import that is still running.
    """
    _require_right(run, by)
    held = claims.claim_revert(run, by)
    worker = Worker(held, held.claim, by, trail.types(held))
    total = trail.changes(held).count()
    with audit.door(audit.Source.IMPORT, request_id=trail.reverted(held)), collected_rarely():
        for done, event in enumerate(worker.events(), start=1):
            worker.take(trail.written(event), event)
            if progress is not None:
                progress(done, total)
        worker.take_kept()
    claims.finish_revert(held, held.claim)
    return reports.of_run(held)


def _require_right(run: ImportRun, by: Any) -> None:
    """Refuse who may not revert, was deactivated, or may not import such records."""
    active = User.objects.filter(pk=by.pk, is_active=True).exists()
    if run.record_type == persons.RECORD_TYPE:
        brings_in = not run.created or bool(access.rights(by, run.record_type).creatable)
    else:
        brings_in = access.may_ever(by, "import", run.record_type)
    if not (active and brings_in and access.may_ever(by, "revert", "exchange.importrun")):
        raise access.Forbidden(f"{by} may not revert imports of this kind. Ask Sales Ops or RevOps.")


@dataclass(slots=True)
class Worker:
    """Takes the changes of one run back, newest first, for as long as its claim holds."""

    run: ImportRun
    token: UUID
    by: Any
    touched: list[str]

    def events(self) -> Iterator[UUID]:
        """Yield the changes that are still to be dealt with."""
        at = self.run.reverted_to
        while True:
            rows = trail.changes(self.run)
            event = (rows.filter(id__lt=at) if at is not None else rows).first()
            if event is None:
                return
            yield event
            at = event

    def take(self, keys: set[Key], cursor: UUID | None) -> None:
        """Commit what `keys` belong to. What the database refuses is narrowed down to its records; the rest goes.

        A collision with somebody who was faster is tried again: then their row is there to be seen.
        """
        said = ""
        for _ in range(ATTEMPTS):
            try:
                return self._commit(keys, cursor)
            except (IntegrityError, OperationalError, Conflict) as error:
                said = str(error)
            except (DatabaseError, audit.Blocked) as error:
                said = str(error)
                break
        groups = gather(self.run, keys, self.touched, lock=False)
        if len(groups) <= 1:
            return self._commit(keys, cursor, refusal=said)
        half = len(groups) // 2
        self.take({piece.key for group in groups[:half] for piece in group.pieces}, None)
        return self.take({piece.key for group in groups[half:] for piece in group.pieces}, cursor)

    def take_kept(self) -> None:
        """Try what was kept once more, until a round frees nothing: what held it may be gone by now."""
        while True:
            waiting = list(self._kept().order_by("-pk").values_list("record_type", "record_id"))
            for start in range(0, len(waiting), KEPT_AT_ONCE):
                self.take(set(waiting[start : start + KEPT_AT_ONCE]), None)
            if self._kept().count() in (0, len(waiting)):
                return

    def _kept(self) -> Any:
        return ImportKept.objects.filter(run=self.run)

    def _commit(self, keys: set[Key], cursor: UUID | None, *, refusal: str = "") -> None:
        with audit.change(
            by=self.by,
            action="import.revert",
            reason=f"Revert of import {self.run.pk}: {self.run.file_name}",
            source=audit.Source.IMPORT,
        ) as change:
            before.note(change, self.run.pk)
            claims.hold_revert(self.run, self.token)
            _require_right(self.run, self.by)
            groups = gather(self.run, keys, self.touched, lock=True)
            if refusal:
                for group in groups:
                    group.findings.append(_refused(group, refusal))
            decision = decide(groups, set())
            apply(self.run, decision)
            self._note(keys, decision, cursor)

    def _note(self, keys: set[Key], decision: Decision, cursor: UUID | None) -> None:
        """Write what became of the groups and how far the revert is, inside their transaction."""
        tops = keys | {group.top for group in (*decision.going, *decision.staying)}
        labels = {label for label, _ in tops}
        for label in labels:
            ids = [pk for held, pk in tops if held == label]
            self._kept().filter(record_type=label, record_id__in=ids).delete()
        ImportKept.objects.bulk_create(
            [
                ImportKept(
                    run=self.run,
                    record_type=group.top[0],
                    record_id=group.top[1],
                    label=_label(group),
                    findings=[finding.as_json() for finding in group.findings],
                )
                for group in decision.staying
            ],
            batch_size=1_000,
        )
        removed = sum(group.is_removed for group in decision.going)
        claims.advance_revert(
            self.run,
            self.token,
            cursor=cursor,
            removed=removed,
            restored=len(decision.going) - removed,
            kept=self._kept().count(),
        )


def _label(group: Group) -> str:
    top = next((piece for piece in group.pieces if piece.key == group.top), group.pieces[0])
    return named(top)[:200]


def _refused(group: Group, said: str) -> Located:
    first = (said.strip().splitlines() or ["no reason given"])[0][:200]
    return Located(
        "IMP-153", f"{_label(group)} has to stay: {first}", needed="a state the database accepts", remedy=NEXT
    )
