"""What can be imported, and in which order the files of another system belong in: what is referred to comes first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from revops.kernel.exchange import importers
from revops.kernel.exchange.importers import Importer
from revops.kernel.exchange.models import ExternalLink
from revops.kernel.records import registry
from revops.kernel.records.registry import FieldKind

PERSON = "identity.user"


@dataclass(frozen=True, slots=True)
class Expected:
    """Something another system exports and nothing here imports yet: its rows are parked, as they came."""

    name: str
    label: str
    waits_for: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


_expected: dict[str, Expected] = {}


def expect(expected: Expected) -> None:
    """Take the files of `expected.name` in before there is an importer; once there is, this is passed over."""
    _expected[expected.name] = expected


def parked(name: str) -> Expected | None:
    """Return what is parked under `name`, or None when an importer takes it."""
    return _expected.get(name) if name not in _by_name() else None


def names() -> list[str]:
    """Return everything that can be imported or parked, those first that others refer to."""
    waiting = {**{name: waits_for(one) for name, one in _by_name().items()}}
    waiting |= {one.name: set(one.waits_for) for one in _expected.values() if one.name not in waiting}
    ordered: list[str] = []
    while waiting:
        ready = [name for name, needed in waiting.items() if not needed & (waiting.keys() - {name})]
        for name in ready or list(waiting)[:1]:
            ordered.append(name)
            del waiting[name]
    return ordered


def _by_name() -> dict[str, Importer]:
    return {one.name: one for one in importers.every()}


def importer_of(name: str) -> Importer | None:
    """Return the importer of an object, None for one that is parked or unknown."""
    return _by_name().get(name)


def label_of(name: str) -> str:
    """Return what an object is called, in the plural."""
    importer = importer_of(name)
    if importer is None:
        return _expected[name].label if name in _expected else name
    return plural_of(importer.record_type)


def plural_of(record_type: str) -> str:
    """Return what the records of a type are called; people have no pages of their own."""
    try:
        return registry.get(record_type).plural
    except LookupError:
        return "People" if record_type == PERSON else record_type.rpartition(".")[2].replace("_", " ")


def waits_for(importer: Importer) -> set[str]:
    """Return the objects that records of this importer refer to, itself left out."""
    by_type = {one.record_type: one.name for one in importers.every()}
    found = {by_type.get(record_type, "") for record_type in references(importer).values()}
    return found - {"", importer.name}


def references(importer: Importer, fields: Iterable[str] | None = None) -> Mapping[str, str]:
    """Return the record type that each importable link leads to, by field."""
    try:
        kind = registry.get(importer.record_type)
    except LookupError:
        return {}
    found = {}
    for name in kind.importable if fields is None else fields:
        target = kind.by_name.get(name)
        if target is not None and target.kind == FieldKind.REFERENCE:
            found[name] = target.reference
        elif target is not None and target.kind == FieldKind.PERSON:
            found[name] = PERSON
    return found


def is_known(system: str, record_type: str) -> bool:
    """Say whether anything of a record type was brought in from `system`."""
    return ExternalLink.objects.filter(system=system, record_type=record_type).exists()
