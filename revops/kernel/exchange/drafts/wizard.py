"""The import wizard's one face: pages and the API call these, and nothing else of the package.

Reads take `by` and show what that person may see; a draft out of reach does not exist (`DoesNotExist`). Writes are
keyword-only, take `by` and return the draft as it is now. They raise `Blocked` with every finding, `Forbidden`, or
`Busy` (a Blocked) while work in the background goes on. Long work begins in the background: look at `progress`.
"""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.db.models import QuerySet

from revops.kernel.exchange.drafts.models import ImportDraft, SavedMapping
from revops.kernel.exchange.drafts.shapes import (
    CheckSummary,
    FindingsPage,
    ImportObject,
    ImportReport,
    Look,
    MappingSheet,
    Progress,
    Repair,
    UnlistedValue,
)
from revops.kernel.identity.models import User

# -- reading -----------------------------------------------------------------------------------------------


def objects(*, by: User) -> list[ImportObject]:
    """Return what this person may import, in the order in which the files of another system belong in."""
    raise NotImplementedError


def drafts(*, by: User) -> "QuerySet[ImportDraft]":
    """Return the imports this person may see, the newest first."""
    raise NotImplementedError


def get(*, by: User, pk: int) -> ImportDraft:
    """Return one import. Raises ImportDraft.DoesNotExist."""
    raise NotImplementedError


def look(draft: ImportDraft) -> Look:
    """Return what reading the file found: encoding, separator, sheet, header, columns, preview, questions."""
    raise NotImplementedError


def mapping(draft: ImportDraft, *, by: User) -> MappingSheet:
    """Return which column becomes what, with samples, the fields there are, and the mappings one may take."""
    raise NotImplementedError


def unlisted(draft: ImportDraft) -> list[UnlistedValue]:
    """Return the words of mapped choice columns that are none of our choices, answered ones included."""
    raise NotImplementedError


def summary(draft: ImportDraft) -> CheckSummary | None:
    """Return what the last check counted, None before the first."""
    raise NotImplementedError


def findings(
    draft: ImportDraft,
    *,
    code: str = "",
    column: str = "",
    weight: str = "",
    after: str = "",
    limit: int = 50,
) -> FindingsPage:
    """Return a page of the last check's findings by line; `after` is the `next` of the page before."""
    raise NotImplementedError


def repairs(draft: ImportDraft) -> list[Repair]:
    """Return the cells that were written anew, by line."""
    raise NotImplementedError


def progress(draft: ImportDraft) -> Progress:
    """Return how far the work in the background is."""
    raise NotImplementedError


def report(draft: ImportDraft, *, by: User) -> ImportReport:
    """Return what the import did."""
    raise NotImplementedError


def error_file(draft: ImportDraft, *, by: User) -> Iterator[str]:
    """Yield a CSV of the rows that were rejected: their columns as they came, repairs included, and why.

    Safe for spreadsheets; mend it and import it again with the same mapping. Before the import it holds what the
    last check would reject.
    """
    raise NotImplementedError


# -- deciding ----------------------------------------------------------------------------------------------


def upload(*, by: User, object: str, file: IO[bytes], name: str, mapping: str = "") -> ImportDraft:
    """Keep a file and begin to read it; a small one is read at once. `mapping` is a `KnownMapping.key`.

    Raises FileRefused (a Blocked) for a file that is too big or none that we read.
    """
    raise NotImplementedError


def set_options(*, by: User, pk: int, options: Mapping[str, Any]) -> ImportDraft:
    """Say how the file is read: encoding, delimiter, sheet, header_line, date_format, decimal, migration, system.

    Only the options that are named change. A change of encoding, delimiter, sheet or header_line reads it again.
    """
    raise NotImplementedError


def answer(*, by: User, pk: int, answers: Mapping[str, str]) -> ImportDraft:
    """Answer open questions, by `Question.key`; "" takes an answer back."""
    raise NotImplementedError


def take_mapping(*, by: User, pk: int, key: str) -> ImportDraft:
    """Lay a ready or saved mapping (`KnownMapping.key`) on the file, in place of what was decided by hand."""
    raise NotImplementedError


def map_columns(
    *, by: User, pk: int, columns: Mapping[int, list[str]], constants: Mapping[str, str] | None = None
) -> ImportDraft:
    """Say by hand what columns become, by place: fields, `external_id`, `skip`, or [] (not imported).

    Columns that are not named stay as they are. `constants` replaces all constants: field -> text, for rows where
    no column fills it.
    """
    raise NotImplementedError


def map_values(*, by: User, pk: int, values: Mapping[str, Mapping[str, str]]) -> ImportDraft:
    """Say what words of the file mean: field -> word -> choice; "" takes it back. Kept with a saved mapping."""
    raise NotImplementedError


def save_mapping(*, by: User, pk: int, name: str, shared: bool = False) -> SavedMapping:
    """Keep the draft's mapping, values and formats under a name, or write one's own of that name anew."""
    raise NotImplementedError


def delete_mapping(*, by: User, pk: int) -> None:
    """Delete one's own saved mapping."""
    raise NotImplementedError


def check(*, by: User, pk: int) -> ImportDraft:
    """Begin a dry run over the whole file in the background. Raises Blocked while questions are open."""
    raise NotImplementedError


def recheck(*, by: User, pk: int) -> ImportDraft:
    """Check the rows again that were repaired since the last check, at once. The rest of the result stays."""
    raise NotImplementedError


def repair(*, by: User, pk: int, line: int, place: int, text: str) -> ImportDraft:
    """Write one cell anew; the file stays as it is."""
    raise NotImplementedError


def replace_everywhere(*, by: User, pk: int, place: int, found: str, text: str) -> tuple[ImportDraft, int]:
    """Write every cell of a column that holds `found` anew; return how many there were."""
    raise NotImplementedError


def undo_repair(*, by: User, pk: int, line: int, place: int) -> ImportDraft:
    """Take a repair back: the cell is what the file holds."""
    raise NotImplementedError


def commit(*, by: User, pk: int) -> ImportDraft:
    """Begin the import for good, in the background; go on with one that stopped. Raises Blocked if unchecked."""
    raise NotImplementedError


def revert_plan(draft: ImportDraft, *, by: User) -> Any:
    """Return what a revert would remove, restore and refuse (`reverting.plan`)."""
    raise NotImplementedError


def revert(*, by: User, pk: int) -> ImportDraft:
    """Begin to take the whole import back, in the background."""
    raise NotImplementedError


def discard(*, by: User, pk: int) -> None:
    """Delete a draft that was never committed, and its file."""
    raise NotImplementedError
