"""One chunk of an import, committed as a whole: records, history, external ids, outcomes and progress."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, OperationalError

from revops.kernel import audit
from revops.kernel.audit import bulk
from revops.kernel.audit.writing import lock_many
from revops.kernel.exchange import claims, external_ids
from revops.kernel.exchange.findings import Located
from revops.kernel.exchange.importers import ImportRow
from revops.kernel.exchange.models import ExternalLink, ImportRowOutcome, ImportRun, RowOutcome
from revops.kernel.exchange.plan import Plan
from revops.kernel.exchange.reading import Record
from revops.kernel.exchange.reverting import before
from revops.kernel.exchange.settling import Memory, Settled, remember, settle
from revops.kernel.exchange.survey import Survey
from revops.kernel.identity.models import User
from revops.kernel.people import access

ATTEMPTS = 3
_COLUMNS = ("run_id", "line", "row", "outcome", "record_type", "record_id", "record_version", "findings")
_OUTCOME = _COLUMNS.index("outcome")
Refusal = tuple[str, str]


@dataclass(slots=True)
class Worker:
    """Takes the chunks of one run, in order, for as long as its claim holds."""

    run: ImportRun
    token: UUID
    plan: Plan
    seen: Survey
    by: Any
    memory: Memory

    def take(self, chunk: Sequence[Record], level: int) -> None:
        """Commit a chunk. What the database or an action refuses is narrowed down to its rows, the rest goes in.

        A collision with somebody who was faster is tried again: then their row is there to be seen.
        """
        refusal: Refusal = ("", "")
        for _ in range(ATTEMPTS):
            try:
                return self._commit(chunk, level)
            except (audit.Blocked, audit.Conflict) as error:
                code = error.findings[0].code if isinstance(error, audit.Blocked) else "IMP-131"
                refusal = (code, str(error))
                if isinstance(error, audit.Blocked):
                    break
            except (IntegrityError, OperationalError) as error:
                refusal = ("IMP-131", _said(error))
            except DatabaseError as error:
                refusal = ("IMP-132", _said(error))
                break
        if len(chunk) == 1:
            return self._commit(chunk, level, refusal=refusal)
        half = len(chunk) // 2
        self.take(chunk[:half], level)
        return self.take(chunk[half:], level)

    def _commit(self, chunk: Sequence[Record], level: int, *, refusal: Refusal | None = None) -> None:
        """Write one chunk in one transaction; with `refusal`, its only row is refused for that reason."""
        with audit.change(
            by=self.by,
            action=f"{self.plan.importer.name}.import",
            reason=f"Import {self.run.pk}: {self.run.file_name}",
            source=audit.Source.IMPORT,
        ) as change:
            before.note(change, self.run.pk)
            claims.hold(self.run, self.token)
            self._require_right()
            settled = settle(chunk, self.plan, self.by, self.seen, self.memory)
            if refusal is not None:
                for row in settled.batch.alive:
                    row.reject(refusal[0], refusal[1], needed="a row the database accepts")
                settled.batch.new, settled.batch.changed, settled.payloads = [], [], {}
            self.plan.importer.write(settled.batch)
            self._link(settled)
            outcomes = self._outcomes(settled)
            bulk.append(ImportRowOutcome, _COLUMNS, outcomes)
            counts = Counter(outcome[_OUTCOME] for outcome in outcomes)
            claims.advance(self.run, self.token, level=level, line=chunk[-1].line, counts=counts)
        remember(settled, self.plan, self.memory)

    def _require_right(self) -> None:
        """Stop when the person was deactivated or lost the right since the last chunk."""
        active = User.objects.filter(pk=self.by.pk, is_active=True).exists()
        may = access.may_ever(self.by, "import", self.plan.importer.record_type)
        if not (active and may and access.may_ever(self.by, "commit", "exchange.importrun")):
            raise access.Forbidden(f"{self.by} may not import {self.plan.kind.plural.lower()} any more.")

    def _link(self, settled: Settled) -> None:
        """Write the external ids of new records, and what is known now of those that changed over there."""
        system = self.plan.mapping.system
        audit.write_many(
            [
                external_ids.new(row.record, system, row.external_id, settled.payloads[row.external_id])
                for row in settled.batch.new
            ]
        )
        stale = [settled.links[one].pk for one in settled.payloads if one in settled.links]
        if stale:
            held = lock_many(ExternalLink.objects.filter(pk__in=stale))
            for link in held:
                link.payload = settled.payloads[link.external_id]
            audit.write_many(held)

    def _outcomes(self, settled: Settled) -> list[tuple[Any, ...]]:
        created = {id(row) for row in settled.batch.new}
        changed = {id(row) for row in settled.batch.changed}
        outcomes = [
            self._outcome(record.line, record.number, RowOutcome.SKIPPED, None, ())
            for record in settled.skipped
        ]
        for row in settled.batch.rows:
            if row.rejected:
                what = RowOutcome.REJECTED
            elif id(row) in created:
                what = RowOutcome.CREATED
            else:
                what = RowOutcome.UPDATED if id(row) in changed else RowOutcome.UNCHANGED
            outcomes.append(self._outcome(row.line, row.number, what, row, row.findings))
        return outcomes

    def _outcome(
        self, line: int, number: int, what: RowOutcome, row: ImportRow | None, findings: Sequence[Located]
    ) -> tuple[Any, ...]:
        """Return the values of `_COLUMNS` for one row."""
        record = row.record if row is not None and not row.rejected else None
        place = (self.run.pk, line, number, what, self.plan.importer.record_type)
        stored = (None, None) if record is None else (record.pk, record.version)
        return (*place, *stored, [finding.as_json() for finding in findings])


def _said(error: DatabaseError) -> str:
    """Return the first line of what the database said."""
    return (
        "The database refused the row: " + (str(error).strip().splitlines() or ["no reason given"])[0][:200]
    )
