"""What a bulk change would do, before anything is done: counts and reasons over its first records, and examples."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.audit import Finding
from revops.kernel.exchange.bulk import deeds, weighing
from revops.kernel.exchange.bulk.deeds import Deed
from revops.kernel.exchange.bulk.models import BulkRun, Outcome
from revops.kernel.exchange.bulk.weighing import Case
from revops.kernel.people import access
from revops.kernel.records import values
from revops.kernel.records.registry import Field

LOOKED_AT = 200
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One field of an example: the stored value before and after."""

    field: Field
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Example:
    """One record as it is and as it would be; `why` is what speaks against it."""

    record: Any
    lines: Sequence[Line] = ()
    why: Sequence[Finding] = ()


@dataclass(slots=True)
class Preview:
    """What would become of the first `looked` of `total` records; exact only where all were looked at."""

    total: int
    looked: int
    counts: Counter[str] = field(default_factory=Counter)
    reasons: list[tuple[Finding, int]] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.looked == self.total


def preview(run: BulkRun, by: Any) -> Preview:
    """Say what would become of the first 200 records of a run, with the rights of `by`. Reads only, locks nothing.

    The same checks speak as in the work itself, but for those that only a write can tell: that a holder was
    deactivated meanwhile, that two of these records would get the same address.
    """
    deed = deeds.find(run.record_type, run.deed)
    items = list(run.items.filter(outcome=Outcome.WAITING).order_by("id")[:LOOKED_AT])
    found = weighing.cases(run, deed, items)
    weighing.load(deed, found, by, lock=False)
    if deed.many is not None:
        weighing.weigh(deed, found, by, run.reason)
    else:
        _weigh_alone(deed, found, by)
    looked = Preview(run.total, len(items) + run.denied)
    looked.counts[Outcome.DENIED] += run.denied
    readable = access.readable(by, run.record_type)
    for case in found:
        _count(looked, deed, case, readable)
    _group(looked, found)
    return looked


def _weigh_alone(deed: Deed, found: Sequence[Case], by: Any) -> None:
    """Ask what can be asked without the deed: the right, whether it fits the record, whether the values fit."""
    rows = [case.row for case in found if case.row is not None and case.outcome == Outcome.WAITING]
    if not rows:
        return
    ids, action = [row.record.pk for row in rows], deed.action
    model = deed.kind.model
    allowed = access.allowed_of(by, action.asks, model, ids) if action is not None else set()
    editable = access.editable_of(by, model, ids) if action is None else {}
    for row in rows:
        if action is None:
            beyond = row.values.keys() - editable[row.record.pk]
            row.denied = access.no_edit(model, beyond) if beyond else ""
            row.findings += values.clean(deed.kind, row.values).findings
        elif row.record.pk not in allowed:
            row.denied = access.no_action(model, action.asks)
        elif not action.fits(row.record):
            row.findings.append(_unfit(deed, row.record))
    for case in found:
        if case.outcome == Outcome.WAITING:
            weighing.settle(case)


def _unfit(deed: Deed, record: Any) -> Finding:
    message = f"“{deed.label}” does not fit this {deed.kind.singular.lower()} in its present state."
    return Finding("BLK-012", message, found=values.shown(record), needed="a record in another state")


def _count(looked: Preview, deed: Deed, case: Case, readable: frozenset[str]) -> None:
    lines = _lines(deed, case, readable) if case.outcome == Outcome.WAITING else []
    if case.outcome == Outcome.WAITING:
        would = Outcome.CHANGED if lines or deed.action is not None else Outcome.UNCHANGED
    else:
        would = case.outcome
    looked.counts[would] += 1
    if would == Outcome.CHANGED and case.row is not None and len(looked.examples) < EXAMPLES:
        looked.examples.append(Example(case.row.record, lines))


def _lines(deed: Deed, case: Case, readable: frozenset[str]) -> list[Line]:
    """Return the fields that would differ, as far as the reader may see them."""
    if case.row is None:
        return []
    if deed.action is not None:
        return _lines_of_holder(deed, case, readable)
    draft = case.row.draft
    given: Mapping[str, Any] = (
        draft.given if draft is not None else values.clean(deed.kind, case.row.values).values
    )
    found = []
    for name, value in given.items():
        one = deed.kind.by_name.get(name)
        if one is None or name not in readable or not hasattr(case.row.record, one.attname):
            continue
        old, new = getattr(case.row.record, one.attname), getattr(value, "pk", value)
        if (old or "") != (new or ""):
            found.append(Line(one, old, new))
    return found


def _lines_of_holder(deed: Deed, case: Case, readable: frozenset[str]) -> list[Line]:
    """Return who would hold a record that is given to somebody; other actions say what they do by their name."""
    row = case.row
    if row is None or deed.many is None or not isinstance(row.draft, Mapping):
        return []
    found = []
    for name in ("owner", "queue"):
        one = deed.kind.by_name.get(name)
        new = getattr(row.draft.get(name), "pk", None)
        if one is not None and name in readable and getattr(row.record, one.attname) != new:
            found.append(Line(one, getattr(row.record, one.attname), new))
    return found


def _group(looked: Preview, found: Sequence[Case]) -> None:
    """Count the reasons by their code and field, the most frequent first, each with its first words."""
    firsts: dict[tuple[str, str], Finding] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for finding in (finding for case in found for finding in case.findings):
        key = (finding.code, finding.field)
        firsts.setdefault(key, finding)
        counts[key] += 1
    looked.reasons = [(firsts[key], count) for key, count in counts.most_common(20)]
