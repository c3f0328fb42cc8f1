"""Some records of a bulk run, done together in one transaction: rows, history, outcomes and progress.

Where the type or the action has steps for many, a chunk is one change. Else each record is one change by the action
for one, and the hook of `marking` notes its outcome in it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, IntegrityError, OperationalError, transaction

from revops.kernel import audit
from revops.kernel.audit import Blocked, Conflict, Finding
from revops.kernel.exchange.bulk import marking, weighing
from revops.kernel.exchange.bulk.asking import unseen
from revops.kernel.exchange.bulk.deeds import Deed
from revops.kernel.exchange.bulk.models import BulkItem, BulkRun, Outcome
from revops.kernel.exchange.bulk.permissions import LABEL
from revops.kernel.exchange.bulk.weighing import Case
from revops.kernel.identity.models import User
from revops.kernel.people import access

CHUNK = 500
ATTEMPTS = 3
# So many kinds of outcomes are written one by one; updating row by row costs more than the rows themselves.
FEW = 8


@dataclass(slots=True)
class Worker:
    """Takes what is left of one run, chunk by chunk, for as long as its claim holds."""

    run: BulkRun
    token: UUID
    deed: Deed
    by: Any

    def take(self) -> bool:
        """Deal with the next records; False when none is left. Raises Superseded, Forbidden."""
        waiting = BulkItem.objects.filter(run=self.run, outcome=Outcome.WAITING).order_by("id")
        items = list(waiting[:CHUNK])
        if not items:
            return False
        self._require_right()
        found = weighing.cases(self.run, self.deed, items)
        together = [case for case in found if case.values is None or not self.deed.is_alone(case.values)]
        self._take(together)
        for case in found:
            if case.values is not None and self.deed.is_alone(case.values):
                self._take_one(case)
        return True

    def _require_right(self) -> None:
        """Stop when the person was deactivated or lost the right since the last chunk."""
        active = User.objects.filter(pk=self.by.pk, is_active=True).exists()
        if not (active and access.rights(self.by, LABEL).creatable and self.deed.may_ever(self.by)):
            raise access.Forbidden(f"{self.by} may not do this to {self.deed.kind.plural.lower()} any more.")

    def _take(self, found: Sequence[Case]) -> None:
        """Commit some cases together. What the database or a step refuses is narrowed down, the rest goes in.

        A collision with somebody who was faster is tried again: then their row is there to be seen.
        """
        if not found:
            return None
        refusal: tuple[Finding, ...] = ()
        for _ in range(ATTEMPTS):
            try:
                return self._commit(found)
            except Blocked as error:
                refusal = error.findings
                break
            except (Conflict, IntegrityError, OperationalError) as error:
                refusal = (_collided(error),)
            except DatabaseError as error:
                refusal = (_collided(error),)
                break
        if len(found) == 1:
            return self._commit(found, refusal=refusal)
        half = len(found) // 2
        self._take([_again(case) for case in found[:half]])
        return self._take([_again(case) for case in found[half:]])

    def _commit(self, found: Sequence[Case], *, refusal: Sequence[Finding] = ()) -> None:
        """Write some cases in one transaction; with `refusal`, the only one is refused for these reasons."""
        with audit.change(
            by=self.by, action=self.deed.event, reason=self.run.reason, source=audit.Source.BULK
        ):
            marking.hold(self.run, self.token)
            against = tuple(refusal) or self._first(found)
            weighing.load(self.deed, found, self.by, lock=True)
            for case in found if against else ():
                if case.outcome == Outcome.WAITING:
                    case.end(Outcome.REFUSED, *against)
            self._write(weighing.weigh(self.deed, found, self.by, self.run.reason))
            self._keep(found)

    def _first(self, found: Sequence[Case]) -> tuple[Finding, ...]:
        """Prepare what all rows share, before any record is locked; return what speaks against all of them."""
        steps = self.deed.many
        if steps is None or steps.first is None:
            return ()
        wanted = {str(sorted(case.values.items())): case.values for case in found if case.values is not None}
        try:
            steps.first(list(wanted.values()), self.by, self.run.reason)
        except Blocked as refused:
            return refused.findings if len(wanted) == 1 else ()
        return ()

    def _write(self, going: Sequence[Case]) -> None:
        rows = [case.row for case in going if case.row is not None]
        before = {row.record.pk: row.record.version for row in rows}
        if rows and self.deed.many is not None:
            self.deed.many.write(rows, self.by, self.run.reason)
        for case in going:
            row = case.row
            if row is None:
                continue
            moved = row.record.version != before[row.record.pk]
            case.end(Outcome.CHANGED if moved or row.wrote else Outcome.UNCHANGED)
            case.version = row.record.version if moved else None

    def _keep(self, found: Sequence[Case]) -> None:
        """Write what became of the cases and how far the run is: a constant number of statements."""
        for case in found:
            case.item.outcome, case.item.version = case.outcome, case.version
            case.item.findings = [finding.as_json() for finding in case.findings]
        _keep_plain([case.item for case in found if not case.findings])
        told = [case.item for case in found if case.findings]
        BulkItem.objects.bulk_update(told, ["outcome", "findings"], batch_size=500)
        marking.advance(self.run, self.token, dict(Counter(case.outcome for case in found)))

    def _take_one(self, case: Case) -> None:
        """Do the deed to one record by the action for one; its change notes the outcome, and so it is done once."""
        pk, given = case.item.record_id, case.values
        if pk is None or given is None:
            return None
        for attempt in range(ATTEMPTS):
            try:
                with marking.marked(marking.Mark(self.run, self.token, case.item)):
                    self.deed.run(
                        by=self.by, pk=pk, given=given, version=case.item.expects, reason=self.run.reason
                    )
                return self._end(case, Outcome.UNCHANGED)
            except ObjectDoesNotExist:
                return self._end(case, Outcome.DENIED, unseen(self.deed.kind, pk))
            except access.Forbidden as denial:
                return self._end(case, Outcome.DENIED, weighing.forbidden(str(denial)))
            except Blocked as refused:
                return self._end(case, Outcome.REFUSED, *refused.findings)
            except Conflict as error:
                if case.item.expects is not None:
                    since = weighing.since(case, error.changed_by, error.changed_at)
                    return self._end(case, Outcome.REFUSED, since)
                if attempt == ATTEMPTS - 1:
                    return self._end(case, Outcome.REFUSED, _collided(error))
            except (IntegrityError, OperationalError) as error:
                if attempt == ATTEMPTS - 1:
                    return self._end(case, Outcome.REFUSED, _collided(error))
        return None

    def _end(self, case: Case, outcome: Outcome, *findings: Finding) -> None:
        """Note what became of a record of which nothing was written; what a change has noted stays."""
        told = [finding.as_json() for finding in findings]
        with transaction.atomic():
            marking.hold(self.run, self.token)
            waiting = BulkItem.objects.filter(pk=case.item.pk, outcome=Outcome.WAITING)
            if waiting.update(outcome=outcome, findings=told):
                marking.advance(self.run, self.token, {outcome: 1})


def _keep_plain(items: Sequence[BulkItem]) -> None:
    """Write the outcomes of items without findings: in one statement a kind of outcome, where they are few kinds."""
    alike: defaultdict[tuple[str, int | None], list[int]] = defaultdict(list)
    for item in items:
        alike[item.outcome, item.version].append(item.pk)
    if len(alike) > FEW:
        BulkItem.objects.bulk_update(items, ["outcome", "version"], batch_size=500)
        return
    for (outcome, version), pks in alike.items():
        BulkItem.objects.filter(pk__in=pks).update(outcome=outcome, version=version)


def _again(case: Case) -> Case:
    """Return a case as it was before it was tried."""
    return Case(case.item, case.values)


def _collided(error: Exception) -> Finding:
    said = (str(error).strip().splitlines() or ["no reason given"])[0][:200]
    message = f"Somebody else wrote the record at the same moment, or the database refused it: {said}"
    return Finding("BLK-015", message, needed="a record at rest")
