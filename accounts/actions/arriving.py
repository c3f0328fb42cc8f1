"""What the importers of contacts and leads have in common: from a row of a file to a draft, and what is told of it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from accounts.actions import persons
from revops.kernel.audit import Finding
from revops.kernel.exchange.importers import Batch, ImportRow
from revops.kernel.people import ownership
from revops.kernel.people.enums import AssignReason
from revops.kernel.records.drafting import Draft

_ADDRESSES = "addresses"


def drop_what_stays(row: ImportRow, always: Collection[str], once: Collection[str]) -> None:
    """Drop empty cells of what a record always has, and on known rows what is written once: they change nothing."""
    for name in always & row.values.keys():
        if row.values[name] in ("", None):
            del row.values[name]
    if row.record_id is not None:
        for name in once & row.values.keys():
            del row.values[name]


def refuse_history(batch: Batch, row: ImportRow, names: Collection[str], code: str) -> None:
    """Refuse to set the past in an ordinary import: that is a migration's affair."""
    if batch.migration:
        return
    for name in sorted(names & row.values.keys()):
        if row.values[name] not in ("", None):
            message = f"Only a migration sets “{name.replace('_', ' ')}” of the past."
            row.reject(code, message, field=name, needed="an empty cell, or a migration import")


def draft_of(model: Any, row: ImportRow, *, migrated: bool) -> Draft:
    """Return the row as a draft: of a new record, or of a stand-in for the known one, which is loaded later."""
    record = model(pk=row.record_id)
    record._state.adding = row.record_id is None
    given = {name: value for name, value in row.values.items() if value not in (None, "")}
    draft = Draft(record, given)
    draft.derived |= {"line": row.line, "migrated": migrated}
    return draft


def tell(
    batch: Batch,
    row: ImportRow,
    *,
    relaxed: Collection[str],
    left_out: Collection[str],
    told: Collection[str] = (),
) -> None:
    """Put the findings of a draft on its row: refused, or told where a migration relaxes them.

    What is `left_out` leaves draft and row; what is `told` is never a refusal.
    """
    for finding in row.draft.findings:
        if finding.code in told or (batch.migration and finding.code in relaxed):
            row.tell(finding.code, finding.message, field=finding.field, needed=finding.needed)
        elif batch.migration and finding.code in left_out:
            _leave_out(row, finding)
        else:
            remedy = finding.remedies[0].label if finding.remedies else ""
            row.reject(
                finding.code, finding.message, field=finding.field, needed=finding.needed, remedy=remedy
            )


def _leave_out(row: ImportRow, finding: Finding) -> None:
    name, way = finding.field, next((one.url for one in finding.remedies if one.url), "")
    row.tell(
        finding.code,
        f"{finding.message} The row is imported without it.",
        field=name,
        found=finding.found,
        needed=finding.needed,
        remedy=f"Compare with {way}" if way else "",
    )
    row.values.pop(name, None)
    row.draft.given.pop(name, None)
    if name == "email":
        row.draft.derived["email"] = None


def check_rehearsed(batch: Batch, rows: Iterable[ImportRow], code: str) -> None:
    """In a dry run, refuse an address that an earlier chunk would have brought in."""
    lines: dict[str, int] = batch.rehearsed.get(_ADDRESSES, {})
    for row in rows if batch.dry_run else ():
        email = row.draft.derived.get("email")
        if email is not None and email.key in lines and row.record_id is None:
            row.draft.findings.append(persons.repeated(code, email.shown, lines[email.key]))


def rehearse(batch: Batch, rows: Iterable[ImportRow]) -> None:
    """In a dry run, remember the addresses that this chunk would have brought in."""
    if not batch.dry_run:
        return
    lines: dict[str, int] = batch.rehearsed.setdefault(_ADDRESSES, {})
    for row in rows:
        email = None if row.rejected else row.draft.derived.get("email")
        if email is not None:
            lines.setdefault(email.key, row.line)


def changes(row: ImportRow) -> dict[str, Any]:
    """Return what changed over there; an emptied text is the empty text."""
    return {
        name: "" if value is None and isinstance(row.stored.get(name), str) else value
        for name, value in row.changes.items()
    }


def name_owners(ready: Sequence[Draft]) -> None:
    """Give new records that name an owner to that person, from the day on which they came into being.

    Two queries for any number; whoever was deactivated meanwhile is left out, and the record is placed as any other.
    """
    named = [(draft, pk) for draft in ready if isinstance(pk := draft.given.pop("owner", None), int)]
    found = ownership.holders({pk for _, pk in named})
    for draft, pk in named:
        if pk in found:
            since: datetime | None = draft.given.get("created_at")
            ownership.assign(draft.record, to=found[pk], reason=AssignReason.IMPORTED, effective_at=since)
            draft.derived["placed"] = True


def assign_owners(changing: Sequence[Draft]) -> None:
    """Give known records to the person that the file names now."""
    named = [(draft, pk) for draft in changing if isinstance(pk := draft.given.pop("owner", None), int)]
    found = ownership.holders({pk for _, pk in named})
    for draft, pk in named:
        if pk in found and draft.record.owner_id != pk:
            ownership.assign(draft.record, to=found[pk], reason=AssignReason.IMPORTED)
