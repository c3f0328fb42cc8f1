"""The mapping of a draft: which column becomes what, decided by hand or taken from a known mapping."""

from collections.abc import Iterator, Mapping

from revops.kernel.audit import Blocked, Finding
from revops.kernel.exchange.drafts import deciding, layout, order, saved
from revops.kernel.exchange.drafts.models import ImportDraft
from revops.kernel.exchange.drafts.shapes import (
    EXTERNAL_ID,
    SKIP,
    Choice,
    KnownMapping,
    MappedColumn,
    MappingSheet,
    Target,
)
from revops.kernel.exchange.findings import FileRefused, Located, shown
from revops.kernel.exchange.importers import Importer
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import registry

_LABELS = {"salesforce": "Salesforce", "hubspot": "HubSpot", "columns": "Our own field names"}
_LONGEST = 1_000


def targets(importer: Importer, by: User) -> list[Target]:
    """Return the fields a column may fill: those that are importable and that this person may write."""
    kind, held = registry.get(importer.record_type), access.rights(by, importer.record_type)
    writable = held.creatable.union(*(edit.fields for edit in held.edits))
    return [
        Target(
            name,
            str(field.label),
            str(field.group),
            str(field.kind),
            name in importer.required,
            [Choice(code, str(label)) for code, label in field.choices],
            str(field.help),
        )
        for name, field in ((name, kind.by_name[name]) for name in kind.importable)
        if name in writable
    ]


def sheet(draft: ImportDraft, by: User) -> MappingSheet:
    """Return the mapping step of a draft that was read; a parked object maps nothing."""
    importer = order.importer_of(draft.object)
    by_place: dict[int, list[str]] = {}
    for entry in draft.columns:
        by_place.setdefault(entry["place"], []).append(entry["field"])
    columns = [
        MappedColumn(
            one["place"], one["header"], one["samples"], one["filled"], tuple(by_place.get(one["place"], ()))
        )
        for one in draft.seen.get("columns", ())
    ]
    return MappingSheet(
        current=draft.mapping,
        known=known(draft, by),
        columns=columns,
        targets=targets(importer, by) if importer is not None else (),
        constants=draft.constants,
        system=layout.system_of(draft),
        migration=layout.is_migration(draft),
        problems=[one.as_json() for one in problems(draft, by)],
    )


def problems(draft: ImportDraft, by: User) -> list[Located]:
    """Return why the file cannot be imported as it is mapped."""
    if order.importer_of(draft.object) is None or "header" not in draft.seen:
        return []
    try:
        layout.planned(draft, by)
    except FileRefused as refusal:
        return list(refusal.located)
    return []


def known(draft: ImportDraft, by: User) -> list[KnownMapping]:
    """Return the mappings one may take, those that fit best first."""
    importer, header = order.importer_of(draft.object), draft.seen.get("header", [])
    if importer is None:
        return []
    ready = [*importer.mappings, importer.mapping("columns")]
    found = [
        KnownMapping(one.name, _LABELS.get(one.name, one.name), layout.fit(one, header)[0]) for one in ready
    ]
    for kept in saved.usable(by).filter(object=draft.object).order_by("name", "pk"):
        fits = len({entry["place"] for entry in saved.decisions(kept, header, {})["columns"]})
        key = f"{saved.PREFIX}{kept.pk}"
        found.append(KnownMapping(key, kept.name, fits, True, kept.is_shared, kept.owner_id == by.pk))
    return sorted(found, key=lambda one: (-one.fits, one.label))


def take(*, by: User, pk: int, key: str) -> ImportDraft:
    """Lay a known mapping on the file, in place of what was decided by hand. Raises Blocked."""
    with deciding.decision(by, pk) as draft:
        importer, header = _mappable(draft), draft.seen["header"]
        ready = {one.name: one for one in (*importer.mappings, importer.mapping("columns"))}
        if key in ready:
            draft.mapping, draft.columns = key, layout.lay(ready[key], header)
            draft.constants = {}
            draft.options = {**draft.options, "system": ready[key].system, "migration": None}
            return draft
        number = key.removeprefix(saved.PREFIX)
        kept = saved.usable(by).filter(pk=number, object=draft.object).first() if number.isdigit() else None
        if kept is None:
            raise Blocked(
                [_misfit("mapping", key, "one of " + ", ".join(one.key for one in known(draft, by)))]
            )
        for name, value in saved.decisions(kept, header, draft.options).items():
            setattr(draft, name, value)
        return draft


def lay(
    *, by: User, pk: int, columns: Mapping[int, list[str]], constants: Mapping[str, str] | None = None
) -> ImportDraft:
    """Say what columns become, by place; `constants` replaces all constants. Raises Blocked with every misfit."""
    with deciding.decision(by, pk) as draft:
        importer = _mappable(draft)
        names = {target.field for target in targets(importer, by)}
        found = list(_misfits(draft, columns, constants or {}, names))
        if found:
            raise Blocked(found)
        singles = {EXTERNAL_ID, SKIP} & {name for fields in columns.values() for name in fields}
        kept = [
            entry
            for entry in draft.columns
            if entry["place"] not in columns and entry["field"] not in singles
        ]
        new = [
            {"place": place, "field": name}
            for place, fields in columns.items()
            for name in dict.fromkeys(fields)
        ]
        draft.columns = _in_order(draft.columns, [*kept, *new])
        if constants is not None:
            draft.constants = {name: text for name, text in constants.items() if text}
        return draft


def _in_order(before: layout.Laid, after: layout.Laid) -> layout.Laid:
    """Keep the order of preference of what stays; what is new comes after it, by place."""
    rank = {(entry["place"], entry["field"]): at for at, entry in enumerate(before)}
    return sorted(
        after, key=lambda entry: (rank.get((entry["place"], entry["field"]), len(rank)), entry["place"])
    )


def _misfits(
    draft: ImportDraft, columns: Mapping[int, list[str]], constants: Mapping[str, str], names: set[str]
) -> Iterator[Finding]:
    width = len(draft.seen["header"])
    for place, fields in columns.items():
        if not 0 <= place < width:
            yield _misfit(f"columns.{place}", place, f"a column from 0 to {width - 1}")
        for name in fields:
            if name not in names | {EXTERNAL_ID, SKIP}:
                yield _misfit(f"columns.{place}", name, "a field you may import, external_id or skip")
    for special in (EXTERNAL_ID, SKIP):
        if sum(special in fields for fields in columns.values()) > 1:
            yield _misfit("columns", special, f"one column for {special}")
    for name, text in constants.items():
        if name not in names:
            yield _misfit("constants", name, "a field you may import")
        elif len(str(text)) > _LONGEST:
            yield _misfit(f"constants.{name}", shown(text), f"a text of at most {_LONGEST} characters")


def _mappable(draft: ImportDraft) -> Importer:
    importer = order.importer_of(draft.object)
    if importer is None:
        raise Blocked.because("IMP-026", "Rows of this kind are kept as they are; there is nothing to map.")
    if "header" not in draft.seen:
        raise Blocked.because("IMP-026", "The file has not been read yet.", needed="a file that was read")
    return importer


def _misfit(name: str, given: object, needed: str) -> Finding:
    message = f"{shown(name)}: {shown(given)!r} does not fit. Give {needed}."
    return Finding("IMP-025", message, field=name, found=shown(given), needed=needed)
