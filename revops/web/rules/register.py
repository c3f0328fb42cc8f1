"""The register of the rules: every policy by domain, as it stands, searched by its words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from revops.kernel.folding import fold
from revops.kernel.records import registry
from revops.kernel.records.registry import RecordType
from revops.web.rules import standing, told
from revops.web.rules.standing import Standing
from revops.web.rules.told import Told

FIRST_LINES = 3


@dataclass(frozen=True)
class Entry:
    """One rule in the register; `applies` is the version that decides about the record asked for."""

    standing: Standing
    counts: Sequence[tuple[str, int]] = ()
    applies: Told | None = None

    @property
    def shown(self) -> Told:
        return self.applies or self.standing.main

    @property
    def first(self) -> Sequence[str]:
        return self.shown.lines[:FIRST_LINES]

    @property
    def more(self) -> int:
        return max(0, len(self.shown.lines) - FIRST_LINES)


def found(standings: Iterable[Standing], words: str) -> list[Standing]:
    """Return the rules that hold every one of these words in their title, key, help or lines."""
    wanted = fold(words).split()
    return (
        [one for one in standings if all(word in _text(one) for word in wanted)]
        if wanted
        else list(standings)
    )


def _text(one: Standing) -> str:
    document = one.document
    held = [document.title, document.key, document.help, told.domain(document.key), *one.main.lines]
    return fold(" ".join(held))


def sections(
    standings: Iterable[Standing], counts: Mapping[str, Mapping[str, int]], record: "Asked | None" = None
) -> list[tuple[str, list[Entry]]]:
    """Return the rules by domain, in the order of their titles."""
    by_domain: dict[str, list[Entry]] = {}
    for one in sorted(standings, key=lambda each: each.document.title):
        held = tuple(counts.get(one.document.key, {}).items())
        applies = standing.deciding(one, record.scope(one)) if record is not None else None
        by_domain.setdefault(told.domain(one.document.key), []).append(Entry(one, held, applies))
    return sorted(by_domain.items())


@dataclass(frozen=True)
class Asked:
    """The record whose rules are asked for."""

    kind: RecordType
    record: Any

    @property
    def title(self) -> str:
        return str(getattr(self.record, self.kind.title, "") or self.kind.number(self.record.pk))

    @property
    def url(self) -> str:
        return self.kind.url(self.record.pk)

    def scope(self, one: Standing) -> dict[str, str]:
        """Return the values of the record by which a rule may differ."""
        held = {name: getattr(self.record, name, None) for name in one.document.scopes}
        return {name: str(value) for name, value in held.items() if isinstance(value, str) and value}


def asked(user: Any, named: str) -> Asked | None:
    """Return the record that an address names ("accounts.account:7"), if `user` sees it."""
    label, _, digits = named.partition(":")
    kind = next((one for one in registry.every() if one.label == label), None)
    if kind is None or not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        return None
    record = kind.model.objects.visible_to(user).filter(pk=int(digits)).first()
    return None if record is None else Asked(kind, record)


def about(standings: Iterable[Standing], record: Asked) -> list[Standing]:
    """Return the rules that decide about records of this type."""
    return [one for one in standings if told.record_type(one.document) == record.kind.label]
