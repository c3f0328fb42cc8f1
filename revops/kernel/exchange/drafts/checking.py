"""The dry run of a draft: every row is decided as the import would decide it, and nothing is written but findings."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from revops.kernel import clocks
from revops.kernel.exchange import importing, reading
from revops.kernel.exchange.drafts import layout, opening, order, working
from revops.kernel.exchange.drafts.models import DraftFinding, DraftState, ImportDraft
from revops.kernel.exchange.drafts.results import Groups, Sink, counted
from revops.kernel.exchange.findings import Located, Weight
from revops.kernel.exchange.importers import ImportRow
from revops.kernel.exchange.reading import Record, Source
from revops.kernel.exchange.settling import Memory, Settled, remember, settle
from revops.kernel.exchange.survey import survey
from revops.kernel.identity.models import User

CHUNK = 500
# What may change in a row because another row was repaired.
_DEPENDS = ("IMP-107", "IMP-108", "IMP-109", "IMP-110", "IMP-113")


def check(draft: ImportDraft) -> None:
    """Decide every row and keep what was found. Raises FileRefused, Forbidden, Superseded."""
    if order.parked(draft.object) is not None:
        return working.finish(
            draft, DraftState.CHECKED, check_result=_parked(draft), checked_revision=draft.revision
        )
    forget(draft)
    sink = Sink(draft)
    assert draft.asked_by is not None  # noqa: S101 - `working.work` has asked
    report = importing.run(
        by=draft.asked_by,
        record_type=layout.importer_of(draft).record_type,
        path=opening.table_of(draft),
        mapping=layout.built(draft),
        options=layout.options_of(draft),
        dry_run=True,
        name=draft.file_name,
        progress=lambda done, total: working.beat(draft, done, total),
        by_row=layout.is_by_row(draft),
        overlay=layout.overlay_of(draft),
        observe=sink.take,
    )
    sink.flush()
    notes = [finding for finding in report.findings if not finding["row"]]
    result = {
        **counted(report.counts),
        "rows": report.rows,
        "groups": sink.groups.as_json(),
        "found": sink.found,
        "kept": sink.kept,
        "notes": [*notes, *(note.as_json() for note in missing_before(draft))],
        "partial": False,
        "at": clocks.now().isoformat(),
    }
    return working.finish(
        draft,
        DraftState.CHECKED,
        check_result=result,
        checked_revision=draft.revision,
        repairs={**draft.repairs, "fresh": []},
    )


def forget(draft: ImportDraft) -> None:
    """Delete the findings of the last check."""
    found = DraftFinding.objects.filter(draft=draft)
    found._raw_delete(found.db)


def _parked(draft: ImportDraft) -> dict[str, Any]:
    rows = draft.seen["rows"]
    return {
        "rows": rows,
        "groups": [],
        "found": 0,
        "kept": 0,
        "partial": False,
        "at": clocks.now().isoformat(),
    }


def missing_before(draft: ImportDraft) -> Iterator[Located]:
    """Yield what should have been imported before this file: objects it refers to, of which nothing is known."""
    importer, system = layout.importer_of(draft), layout.system_of(draft)
    mapped = {entry["field"]: entry["place"] for entry in draft.columns}
    filled = {one["place"] for one in draft.seen["columns"] if one["filled"]}
    for name, record_type in order.references(importer, mapped).items():
        if record_type == importer.record_type or mapped[name] not in filled:
            continue
        if not order.is_known(system, record_type):
            label = order.plural_of(record_type)
            yield Located(
                "IMP-020",
                f"The column “{draft.seen['header'][mapped[name]]}” refers to {label.lower()}, and none of "
                f"{system} is known here yet.",
                weight=Weight.WARNING,
                column=draft.seen["header"][mapped[name]],
                field=name,
                needed=f"{label} imported before",
                remedy=f"Import {label.lower()} first, then this file.",
            )


# -- again, what was repaired ---------------------------------------------------------------------------------


def can_recheck(draft: ImportDraft, most_rows: int) -> bool:
    """Say whether looking at the repaired rows alone is quick and sound."""
    result = draft.check_result
    kept_all = result.get("found") == result.get("kept")
    return (
        bool(result) and kept_all and result.get("rows", 0) <= most_rows and draft.state == DraftState.CHECKED
    )


def recheck(draft: ImportDraft, by: User) -> dict[str, Any]:
    """Decide the rows again that were repaired since the last check, or hang on such a row; return the new result.

    The other rows keep what was found. A value that may stand in the file once is compared among these rows only;
    the import itself compares all of them.
    """
    planned = layout.planned(draft, by)
    source = reading.look(
        opening.table_of(draft),
        name=draft.file_name,
        encoding=draft.seen["encoding"],
        delimiter=draft.seen["delimiter"],
        header_line=draft.seen["header_line"],
        by_row=layout.is_by_row(draft),
        overlay=layout.overlay_of(draft),
    )
    held = DraftFinding.objects.filter(draft=draft)
    rejected = set(held.filter(weight="error").values_list("line", flat=True))
    lines = _fresh_lines(draft, source) | set(held.filter(code__in=_DEPENDS).values_list("line", flat=True))
    seen = survey(source, planned)
    good = {identity for identity, line in seen.first.items() if line not in rejected and line not in lines}
    memory = Memory(planned=good)
    result = _Result(draft, rejected)
    with transaction.atomic():
        held.filter(line__in=lines).delete() if lines else None
        for level in range(seen.last_level + 1):
            rows = [
                one
                for one in reading.records(source)
                if one.line in lines and seen.level(planned, one) == level
            ]
            for start in range(0, len(rows), CHUNK):
                settled = settle(rows[start : start + CHUNK], planned, by, seen, memory)
                remember(settled, planned, memory)
                result.take(rows[start : start + CHUNK], settled)
        result.sink.flush()
    return result.as_json()


def _fresh_lines(draft: ImportDraft, source: Source) -> set[int]:
    """Return the lines whose cells were written anew since the last check."""
    fresh = draft.repairs.get("fresh", [])
    lines = {entry["line"] for entry in fresh if "line" in entry}
    wide = [(entry["place"], entry["text"]) for entry in fresh if "place" in entry]
    if wide:
        for record in reading.records(source):
            if any(place < len(record.cells) and record.cells[place] == text for place, text in wide):
                lines.add(record.line)
    return lines


class _Result:
    """The counts of a check, brought up to date by the rows that were decided again."""

    def __init__(self, draft: ImportDraft, rejected: set[int]) -> None:
        self._before, self._rejected = draft.check_result, rejected
        self.sink = Sink(draft)
        self._counts = {
            name: draft.check_result.get(name, 0) for name in ("created", "updated", "unchanged", "rejected")
        }
        self._draft = draft

    def take(self, records: list[Record], settled: Settled) -> None:
        self.sink.take(records, settled)
        created, changed = ({id(row) for row in rows} for rows in (settled.batch.new, settled.batch.changed))
        for row in settled.batch.rows:
            kind = "updated" if id(row) in changed else "created" if id(row) in created else "unchanged"
            now = "rejected" if row.rejected else kind
            before = "rejected" if row.line in self._rejected else self._likely(row)
            if now != before and "rejected" in (now, before):
                self._counts[before] -= 1
                self._counts[now] += 1

    def _likely(self, row: ImportRow) -> str:
        """What a row was that was not rejected: new when its id is unknown."""
        if row.record_id is None:
            return "created"
        return "updated" if self._counts["updated"] else "unchanged"

    def as_json(self) -> dict[str, Any]:
        groups = Groups()
        for told in DraftFinding.objects.filter(draft=self._draft).order_by("line", "id").iterator():
            groups.add(
                {
                    "code": told.code,
                    "weight": told.weight,
                    "column": told.column,
                    "field": told.field,
                    "message": told.message,
                }
            )
        found = sum(groups.counts.values())
        return {
            **self._before,
            **self._counts,
            "groups": groups.as_json(),
            "found": found,
            "kept": found,
            "partial": True,
            "at": clocks.now().isoformat(),
        }
