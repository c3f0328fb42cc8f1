"""Which column of a file becomes which field: named mappings, as data."""

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as made


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file and the field it fills.

    Headers are compared without case, spaces and punctuation ("AnnualRevenue" is "annual_revenue"); `also` lists
    other headers of the same column. `values` translates, compared without case; what it does not list has to be a
    value of the field. Where it is none, an ordinary import refuses the row; a migration takes `fallback`, says so,
    and keeps the text in the field `raw`.

    A mapping that was made for one file names its columns by `place` (from 0), how they write dates and decimals,
    and may have a column without a place: its `constant` fills the field where no other column does.
    """

    source: str
    field: str
    also: tuple[str, ...] = ()
    values: Table[str, str] = made(default_factory=dict)
    fallback: str = ""
    raw: str = ""
    place: int | None = None
    constant: str = ""
    date_format: str = ""
    decimal: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the files of another system are read. `identity` mappings take our own field names as headers.

    `external_id` is the column that holds the other system's id; a row whose `skip_column` holds one of
    `skip_values` is skipped and counted (deleted there). `migration` mappings bring in another system's history and
    relax what spec mappings.md names, unless the import says otherwise. `external_id_place` and `skip_place` name
    these columns by their place, in a mapping that was made for one file.
    """

    name: str
    record_type: str
    system: str
    external_id: str
    columns: tuple[Column, ...] = ()
    also_external_id: tuple[str, ...] = ()
    skip_column: str = ""
    skip_values: frozenset[str] = frozenset({"true", "1", "yes"})
    identity: bool = False
    migration: bool = False
    external_id_place: int | None = None
    skip_place: int | None = None

    def find(self, header: Sequence[str]) -> dict[str, int]:
        """Return where each header stands, by its folded name."""
        return {folded(name): place for place, name in reversed(list(enumerate(header))) if folded(name)}


def folded(header: str) -> str:
    """Return a header as headers are compared: letters and digits, without case."""
    return "".join(char for char in header.casefold() if char.isalnum())
