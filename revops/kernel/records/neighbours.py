"""The records before and after one in the order of a list, wherever in it the record stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from revops.kernel.records.listing import Query, page
from revops.kernel.records.listing.cursors import encode


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The ids of the records before and after; None at either end."""

    previous: int | None
    next: int | None


def around(query: Query, user: Any, record: Any) -> Neighbours:
    """Return what stands before and after `record` in the list `query`, as far as `user` sees it.

    By a keyset from the record's own sort value: it need not be on the page one came from, nor fit the filters any
    longer. As many statements as two pages of one row.
    """
    here = encode(query, dict(_Stored(record)))
    one = replace(query, limit=1, after="", before="")
    behind = page(replace(one, after=here), user, []).rows
    ahead = page(replace(one, before=here), user, []).rows
    return Neighbours(ahead[0]["id"] if ahead else None, behind[0]["id"] if behind else None)


class _Stored(Mapping[str, Any]):
    """A record as a row of a list holds it: its columns by name, its key as `id`."""

    def __init__(self, record: Any) -> None:
        self._record = record

    def __getitem__(self, name: str) -> Any:
        return self._record.pk if name == "id" else getattr(self._record, name)

    def __iter__(self) -> Iterator[str]:
        return iter([column.attname for column in self._record._meta.concrete_fields])

    def __len__(self) -> int:
        return len(self._record._meta.concrete_fields)
