"""One deed done to many records: the steps that a type or an action declares, so that a thousand cost little more
than one.

They refuse what the same deed refuses for one record, in the same words, and write the same rows. A type or an action
without them is done record by record. Every step runs inside the open `audit.change()` (`first` before the records
are locked, since people are the lower layer), raises nothing for a single row, and needs a constant number of
statements.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.audit import Blocked, Finding
from revops.kernel.people import access


@dataclass(slots=True)
class Row:
    """One record on its way through a deed: what is asked of it, and what speaks against it.

    `record` is locked, or as it stands in a rehearsal; `values` are as somebody typed them. `denied` says what the
    person may not do with it. `draft` is the app's own, from `weigh` to `write`, which says what it `wrote` beside the
    record itself.
    """

    record: Any
    values: Mapping[str, Any]
    findings: list[Finding] = field(default_factory=list)
    denied: str = ""
    draft: Any = None
    wrote: bool = False

    @property
    def stands(self) -> bool:
        """Say whether nothing speaks against it so far."""
        return not (self.findings or self.denied)


Step = Callable[[Sequence[Row], Any, str], None]
First = Callable[[Sequence[Mapping[str, Any]], Any, str], None]


@dataclass(frozen=True, slots=True)
class Many:
    """How a deed is done to many: `weigh(rows, by, reason)` with queries only, then `write` what stands.

    `first(values, by, reason)` prepares what all rows share and may raise Blocked, which then speaks against all.
    Values of which `alone` says yes are written record by record: there what one record gets speaks against the next.
    """

    weigh: Step
    write: Step
    first: First | None = None
    alone: Callable[[Mapping[str, Any]], bool] = lambda values: False


def standing(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that nothing speaks against so far."""
    return [row for row in rows if row.stands]


def require_edit(rows: Sequence[Row], by: Any) -> None:
    """Deny the rows of which `by` may not change every field that is given."""
    if not rows:
        return
    model = type(rows[0].record)
    editable = access.editable_of(by, model, [row.record.pk for row in rows])
    for row in rows:
        if beyond := row.values.keys() - editable[row.record.pk]:
            row.denied = access.no_edit(model, beyond)


def require(rows: Sequence[Row], by: Any, action: str) -> None:
    """Deny the rows with which `by` may not do the special `action`."""
    if not rows:
        return
    model = type(rows[0].record)
    allowed = access.allowed_of(by, action, model, [row.record.pk for row in rows])
    for row in rows:
        if row.record.pk not in allowed:
            row.denied = access.no_action(model, action)


def told(rows: Iterable[Row], check: Callable[[Any], None]) -> None:
    """Ask `check` about each record that still stands; what it raises as Blocked speaks against that row."""
    for row in standing(rows):
        try:
            check(row.record)
        except Blocked as refusal:
            row.findings += refusal.findings


def collect(rows: Iterable[Row]) -> None:
    """Take over what speaks against the drafts of the rows."""
    for row in rows:
        if row.draft is not None:
            row.findings += row.draft.findings
