"""People of another system: their ids become known here, so that the owners of imported records are found.

A person is matched by e-mail address. Whoever may create people brings unknown ones in as inactive persons without
role; everybody else only links known addresses, and unknown ones are told. One file is one change: all of it or
nothing, and the same file again changes nothing. A revert takes it back like any import.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db.models.functions import Lower

from revops.kernel import audit, clocks
from revops.kernel.audit import bulk
from revops.kernel.exchange import external_ids, reports
from revops.kernel.exchange.findings import FileRefused, Located, Weight, shown
from revops.kernel.exchange.importers import ImportRow
from revops.kernel.exchange.mapping import folded
from revops.kernel.exchange.models import ImportRowOutcome, ImportRun, RowOutcome, RunState
from revops.kernel.exchange.options import Options
from revops.kernel.exchange.reading import Record, Source, look, records
from revops.kernel.exchange.reports import Report
from revops.kernel.exchange.reverting import before
from revops.kernel.identity.models import User, UserKind
from revops.kernel.people import access
from revops.kernel.people.actions import persons

NAME, RECORD_TYPE = "user", "identity.user"
MAX_ROWS = 10_000
_SYSTEMS = {"salesforce": "salesforce", "hubspot": "hubspot", "columns": "file"}
_ID = ("id", "externalid", "ownerid", "userid", "hubspotownerid")
_EMAIL = ("email", "emailaddress", "username")
_NAMES = (("name",), ("fullname",), ("firstname", "lastname"))
_COLUMNS = ("run_id", "line", "row", "outcome", "record_type", "record_id", "record_version", "findings")


def bring_in(
    *,
    by: Any,
    path: Path,
    mapping: str,
    options: Options | None = None,
    dry_run: bool = False,
    name: str = "",
) -> Report:
    """Link, and where one may create people bring in, the people in a file with columns for id, e-mail and name.

    Raises FileRefused with every reason before anything is written.
    """
    if mapping not in _SYSTEMS:
        raise LookupError(
            f"There is no mapping {mapping!r} for people. Known: {', '.join(sorted(_SYSTEMS))}."
        )
    chosen = (options or Options()).checked()
    source = look(path, name=name, encoding=chosen.encoding, delimiter=chosen.delimiter)
    places = _places(source.header)
    found = list(_refusals(source, places, by, dry_run=dry_run))
    lines = [] if found else list(records(source))
    if len(lines) > MAX_ROWS:
        found.append(
            Located("IMP-010", f"A file of people has at most {MAX_ROWS:,} rows.", found=str(len(lines)))
        )
    if found:
        raise FileRefused(found)
    rows = [_read(record, places) for record in lines]
    report = reports.begin(source, len(rows), source.findings, dry_run=dry_run)
    if dry_run:
        _decide(rows, _SYSTEMS[mapping], by)
        for row in rows:
            report.counts[_outcome(row)] += 1
            report.add(finding.as_json() for finding in row.findings)
        return report
    return reports.complete(report, _commit(source, rows, mapping, by))


def _places(header: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return where id, e-mail and name stand; the name may be in two columns."""
    at = {folded(title): place for place, title in reversed(list(enumerate(header)))}
    found: dict[str, tuple[int, ...]] = {}
    for what, titles in (("id", _ID), ("email", _EMAIL)):
        there = [at[title] for title in titles if title in at]
        if there:
            found[what] = (there[0],)
    for parts in reversed(_NAMES):
        if all(part in at for part in parts):
            found["name"] = tuple(at[part] for part in parts)
    return found


def _refusals(source: Source, places: dict[str, Any], by: Any, *, dry_run: bool) -> Iterator[Located]:
    if not access.may_ever(by, "commit", "exchange.importrun"):
        yield Located(
            "IMP-016", "Your role may not run imports.", found=shown(by), needed="a role that imports"
        )
    for what in ("id", "email"):
        if what not in places:
            yield Located(
                "IMP-014", f"The column with the {what} of each person is missing.", line=1, field=what
            )
    if source.sniffed.proposed and not dry_run:
        yield Located(
            "IMP-004",
            f"The file is not UTF-8; it may be {source.sniffed.encoding}. Nothing is imported on a guess.",
            needed="UTF-8, or an encoding that you name",
        )


def _read(record: Record, places: dict[str, tuple[int, ...]]) -> ImportRow:
    def text(what: str) -> str:
        cells = [record.cells[at].strip() for at in places.get(what, ()) if at < len(record.cells)]
        return " ".join(cell for cell in cells if cell)

    values = {"email": text("email").lower(), "name": text("name")}
    row = ImportRow(record.line, record.number, text("id"), values, {})
    row.findings.extend(record.findings)
    row.rejected = bool(record.findings)
    if not row.external_id or len(row.external_id) > 200:
        row.reject(
            "IMP-111", "The person has no id of the other system, or one that is too long.", field="id"
        )
    return row


def _decide(rows: Sequence[ImportRow], system: str, by: Any) -> None:
    """Find who is known by id or by address, and what becomes of the others; queries only."""
    linked = external_ids.find(system, RECORD_TYPE, [row.external_id for row in rows])
    addresses = {row.values["email"] for row in rows}
    people = User.objects.annotate(address=Lower("email"))
    known = dict(people.filter(address__in=addresses).values_list("address", "pk"))
    held = User.objects.in_bulk({*linked.values(), *known.values()})
    creatable = {"name", "email", "kind"} <= access.rights(by, RECORD_TYPE).creatable
    seen: set[str] = set()
    for row in (row for row in rows if not row.rejected):
        row.record_id = linked.get(row.external_id) or known.get(row.values["email"])
        row.record, row.is_same = held.get(row.record_id or 0), row.external_id in linked
        if row.external_id in seen:
            row.reject("IMP-107", "The id stands in the file before.", field="id", found=row.external_id)
        elif row.record is None and not creatable:
            row.reject(
                "IMP-141",
                f"Nobody here has the address {shown(row.values['email'])}, and your role may not create people.",
                field="email",
                needed="the address of a person of this system",
                remedy="Let an administrator create the person, then import the file again.",
            )
        elif row.record is None:
            _check_new(row, seen)
        elif row.record.kind == UserKind.SERVICE:
            row.reject("IMP-112", "The address belongs to a service, which owns no records.", field="email")
        seen |= {row.external_id, row.values["email"]}


def _check_new(row: ImportRow, seen: set[str]) -> None:
    if row.values["email"] in seen:
        row.reject("IMP-113", "The address stands in the file before.", field="email")
    for finding in persons.check_spelling(row.values["email"], row.values["name"] or row.values["email"]):
        row.reject(finding.code, finding.message, field=finding.field, needed=finding.needed)
    if not row.rejected:
        row.tell(
            "IMP-142", "Comes in as an inactive person without a role.", weight=Weight.NOTICE, field="email"
        )


def _outcome(row: ImportRow) -> RowOutcome:
    if row.rejected:
        return RowOutcome.REJECTED
    if row.record_id is None or row.draft is not None:
        return RowOutcome.CREATED
    return RowOutcome.UNCHANGED if row.is_same else RowOutcome.UPDATED


def _commit(source: Source, rows: Sequence[ImportRow], mapping: str, by: Any) -> ImportRun:
    """Write the run, the people and their ids in one transaction."""
    run = _run(source, mapping, by, len(rows))
    with audit.door(audit.Source.IMPORT, request_id=f"import:{run.pk}"):
        try:
            _write(run, rows, _SYSTEMS[mapping], by)
        except BaseException:
            ImportRun.objects.filter(pk=run.pk).update(state=RunState.FAILED)
            raise
    return run


def _write(run: ImportRun, rows: Sequence[ImportRow], system: str, by: Any) -> None:
    with audit.change(by=by, action="user.import", reason=f"Import {run.pk}: {run.file_name}") as change:
        before.note(change, run.pk)
        _decide(rows, system, by)
        new = [row for row in rows if not row.rejected and row.record is None]
        made = persons.write_inactive([(row.values["email"], row.values["name"]) for row in new])
        for row, user in zip(new, made, strict=True):
            row.record = row.draft = user
        fresh = [row for row in rows if not row.rejected and not row.is_same]
        audit.write_many([external_ids.new(row.record, system, row.external_id, {}) for row in fresh])
        outcomes = [_row_of(run, row) for row in rows]
        bulk.append(ImportRowOutcome, _COLUMNS, outcomes)
        told = [_outcome(row) for row in rows]
        now = clocks.now()
        counts = {str(one): told.count(one) for one in RowOutcome}
        ImportRun.objects.filter(pk=run.pk).update(
            state=RunState.DONE, finished_at=now, heartbeat_at=now, **counts
        )


def _row_of(run: ImportRun, row: ImportRow) -> tuple[Any, ...]:
    stored = (None, None) if row.rejected else (row.record.pk, row.record.version)
    findings = [finding.as_json() for finding in row.findings]
    return (run.pk, row.line, row.number, _outcome(row), RECORD_TYPE, *stored, findings)


def _run(source: Source, mapping: str, by: Any, total: int) -> ImportRun:
    """Begin the bookkeeping; a file of people has no half, so nothing is ever gone on with."""
    token, now = uuid4(), clocks.now()
    return ImportRun.objects.create(
        record_type=RECORD_TYPE,
        mapping=mapping,
        file_name=source.name[-255:],
        sha256=source.sniffed.sha256,
        size=source.sniffed.size,
        encoding=source.sniffed.encoding,
        delimiter=source.delimiter,
        fingerprint=hashlib.sha256(token.bytes).hexdigest(),
        started_by=by,
        claim=token,
        total_rows=total,
        started_at=now,
        heartbeat_at=now,
    )
