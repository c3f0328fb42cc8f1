"""From the decisions of a draft to the mapping that the engine reads a file by."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from revops.kernel.exchange import plan
from revops.kernel.exchange.drafts import order
from revops.kernel.exchange.drafts.models import FileFormat, ImportDraft
from revops.kernel.exchange.drafts.shapes import EXTERNAL_ID, SKIP
from revops.kernel.exchange.importers import Importer
from revops.kernel.exchange.mapping import Column, Mapping, folded
from revops.kernel.exchange.options import Options
from revops.kernel.exchange.overlay import Overlay
from revops.kernel.exchange.plan import Plan
from revops.kernel.identity.models import User
from revops.kernel.records import registry

OWN_SYSTEM = "file"
# What a hand-made mapping calls the column of ids in a refusal; no header is looked for by it.
NO_HEADER = "with the external id"
Laid = list[dict[str, Any]]


def importer_of(draft: ImportDraft) -> Importer:
    """Return the importer of a draft. Raises LookupError for an object that is parked."""
    importer = order.importer_of(draft.object)
    if importer is None:
        raise LookupError(f"{draft.object!r} has no importer; its rows are parked.")
    return importer


def system_of(draft: ImportDraft) -> str:
    """Return the name of the system whose external ids the file holds."""
    return str(draft.options.get("system") or OWN_SYSTEM)


def is_migration(draft: ImportDraft) -> bool:
    """Say whether the file brings in another system's history, so that expected fields may be missing."""
    chosen = draft.options.get("migration")
    base = base_of(draft)
    return bool(base is not None and base.migration) if chosen is None else bool(chosen)


def base_of(draft: ImportDraft) -> Mapping | None:
    """Return the ready mapping of the draft's system: its translations hold for whoever maps by hand, too."""
    importer = order.importer_of(draft.object)
    ready = importer.mappings if importer is not None else ()
    return next((one for one in ready if one.system == system_of(draft)), None)


def lay(mapping: Mapping, header: Sequence[str]) -> Laid:
    """Lay a ready mapping on the columns of a file: the pairs of place and field, in order of preference."""
    kind, places = registry.get(mapping.record_type), mapping.find(header)
    found: Laid = []
    external = plan.place_of(places, mapping.external_id, *mapping.also_external_id)
    skip = plan.place_of(places, mapping.skip_column) if mapping.skip_column else None
    if external is not None:
        found.append({"place": external, "field": EXTERNAL_ID})
    if skip is not None:
        found.append({"place": skip, "field": SKIP})
    for column, place in plan.laid(mapping, kind, places):
        found.append({"place": place, "field": column.field})
    return found


def fit(mapping: Mapping, header: Sequence[str]) -> tuple[int, int]:
    """Say how well a mapping fits a header: (columns it reads, those of them spelled as it spells them)."""
    columns = {entry["place"] for entry in lay(mapping, header)}
    spelled = {mapping.external_id, mapping.skip_column}
    for column in mapping.columns:
        spelled |= {column.source, *column.also}
    return len(columns), sum(header[place] in spelled for place in columns)


def recognised(importer: Importer, header: Sequence[str]) -> Mapping | None:
    """Return the mapping whose header this is: one that finds the external id, a required field, and reads most."""
    known = [*importer.mappings, importer.mapping("columns")]
    scored = [(fit(one, header), one) for one in known]
    able = [(score, one) for score, one in scored if _is_able(one, importer, header)]
    return max(able, key=lambda pair: pair[0][::-1])[1] if able else None


def _is_able(mapping: Mapping, importer: Importer, header: Sequence[str]) -> bool:
    fields = {entry["field"] for entry in lay(mapping, header)}
    return EXTERNAL_ID in fields and fields >= set(importer.required)


def built(draft: ImportDraft) -> Mapping:
    """Return the mapping that was decided for this one file."""
    importer, base = importer_of(draft), base_of(draft)
    places = {entry["field"]: entry["place"] for entry in reversed(draft.columns)}
    columns = tuple(_columns(draft, base))
    told = [draft.columns, draft.constants, draft.values, [_format(draft, place) for place in _places(draft)]]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
    return Mapping(
        name=f"{system_of(draft)[:26]}-{digest}",
        record_type=importer.record_type,
        system=system_of(draft),
        external_id=NO_HEADER,
        columns=columns,
        migration=is_migration(draft),
        skip_values=base.skip_values if base is not None else frozenset({"true", "1", "yes"}),
        external_id_place=places.get(EXTERNAL_ID),
        skip_place=places.get(SKIP),
    )


def _columns(draft: ImportDraft, base: Mapping | None) -> Iterator[Column]:
    """Yield the columns in order of preference, the constants last."""
    header = draft.seen.get("header", [])
    for entry in draft.columns:
        place, field = entry["place"], entry["field"]
        if field not in (EXTERNAL_ID, SKIP) and place < len(header):
            order_of_date, sign = _format(draft, place)
            yield _column(draft, base, field, header[place], place, order_of_date, sign)
    for field, text in draft.constants.items():
        if text:
            yield _column(draft, base, field, "", None, "", "", text)


def _column(
    draft: ImportDraft,
    base: Mapping | None,
    field: str,
    source: str,
    place: int | None,
    date_format: str,
    decimal: str,
    constant: str = "",
) -> Column:
    ready = ready_column(base, field, source)
    words = {**(ready.values if ready is not None else {}), **_answered(draft, field)}
    return Column(
        source=source,
        field=field,
        values=words,
        fallback=ready.fallback if ready is not None else "",
        raw=ready.raw if ready is not None else "",
        place=place,
        constant=constant,
        date_format=date_format,
        decimal=decimal,
    )


def ready_column(base: Mapping | None, field: str, source: str = "") -> Column | None:
    """Return the column of a ready mapping for a field, the one of this header if there are several."""
    own = [one for one in (base.columns if base is not None else ()) if one.field == field]
    named = [one for one in own if folded(source) in {folded(name) for name in (one.source, *one.also)}]
    return next(iter(named or own), None)


def _answered(draft: ImportDraft, field: str) -> dict[str, str]:
    return {word: choice for word, choice in draft.values.get(field, {}).items() if choice}


def _places(draft: ImportDraft) -> list[int]:
    return sorted({entry["place"] for entry in draft.columns})


def _format(draft: ImportDraft, place: int) -> tuple[str, str]:
    """Return (date order, decimal sign) of a column: as answered, as its cells say, as said for the whole file."""
    seen: dict[str, Any] = next((one for one in draft.seen.get("columns", ()) if one["place"] == place), {})
    answers, options = draft.answers, draft.options
    date_order = answers.get(f"date:{place}") or seen.get("date_order") or options.get("date_format") or ""
    decimal = answers.get(f"decimal:{place}") or seen.get("decimal") or options.get("decimal") or ""
    return date_order, decimal


def options_of(draft: ImportDraft) -> Options:
    """Return what the engine has to know of the file itself."""
    seen = draft.seen
    return Options(
        encoding=str(seen.get("encoding", "")),
        delimiter=str(seen.get("delimiter", "")),
        date_format=str(draft.options.get("date_format") or ""),
        decimal=str(draft.options.get("decimal") or ""),
        migration=is_migration(draft),
        header_line=int(seen.get("header_line", 1)),
    )


def is_by_row(draft: ImportDraft) -> bool:
    """Say whether lines are rows of a sheet."""
    return bool(draft.format == FileFormat.XLSX)


def overlay_of(draft: ImportDraft) -> Overlay:
    """Return the repairs of a draft as the engine lays them over its file."""
    held = draft.repairs
    return Overlay(
        everywhere={int(place): dict(texts) for place, texts in held.get("everywhere", {}).items()},
        rows={int(line): list(cells) for line, cells in held.get("rows", {}).items()},
        cells={
            int(line): {int(place): pair[1] for place, pair in places.items()}
            for line, places in held.get("cells", {}).items()
        },
    )


def planned(draft: ImportDraft, by: User) -> Plan:
    """Return how the rows would be read. Raises FileRefused with every reason why they cannot be."""
    return plan.make(draft.seen["header"], importer_of(draft), built(draft), options_of(draft), by)
