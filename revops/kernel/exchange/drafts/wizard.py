"""The import wizard's one face: pages and the API call these, and nothing else of the package.

Reads take `by` and show what that person may see; a draft out of reach does not exist (`DoesNotExist`). Writes are
keyword-only, take `by` and return the draft as it is now. They raise `Blocked` with every finding, `Forbidden`, or
`Busy` (a Blocked) while work in the background goes on. Long work begins in the background: look at `progress`.
"""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.db.models import QuerySet

from revops.kernel.audit import Blocked
from revops.kernel.exchange import reverting
from revops.kernel.exchange.drafts import (
    deciding,
    error_files,
    fields,
    order,
    saved,
    showing,
    starting,
    words,
)
from revops.kernel.exchange.drafts import options as saying
from revops.kernel.exchange.drafts import repairs as repairing
from revops.kernel.exchange.drafts.models import DraftState, ImportDraft, SavedMapping
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
from revops.kernel.exchange.reverting import Revert
from revops.kernel.identity.models import User
from revops.kernel.people import access

# -- reading -----------------------------------------------------------------------------------------------


def objects(*, by: User) -> list[ImportObject]:
    """Return what this person may import, in the order in which the files of another system belong in."""
    found = []
    for place, name in enumerate(order.names()):
        importer, kept = order.importer_of(name), order.parked(name)
        if importer is not None and not access.may_ever(by, "import", importer.record_type):
            continue
        waits = order.waits_for(importer) if importer is not None else kept.waits_for if kept else ()
        files = kept.files if importer is None and kept is not None else ()
        brought = deciding.visible(by).filter(object=name, state=DraftState.DONE).count()
        found.append(
            ImportObject(name, order.label_of(name), place, importer is None, sorted(waits), files, brought)
        )
    return found


def drafts(*, by: User) -> "QuerySet[ImportDraft]":
    """Return the imports this person may see, the newest first."""
    return deciding.visible(by).select_related("created_by").order_by("-pk")


def get(*, by: User, pk: int) -> ImportDraft:
    """Return one import. Raises ImportDraft.DoesNotExist."""
    return deciding.visible(by).select_related("created_by", "run").get(pk=pk)


def look(draft: ImportDraft) -> Look:
    """Return what reading the file found: encoding, separator, sheet, header, columns, preview, questions."""
    return showing.look(draft)


def mapping(draft: ImportDraft, *, by: User) -> MappingSheet:
    """Return which column becomes what, with samples, the fields there are, and the mappings one may take."""
    return fields.sheet(draft, by)


def unlisted(draft: ImportDraft) -> list[UnlistedValue]:
    """Return the words of mapped choice columns that are none of our choices, answered ones included."""
    return words.unlisted(draft)


def summary(draft: ImportDraft) -> CheckSummary | None:
    """Return what the last check counted, None before the first."""
    return showing.summary(draft)


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
    return showing.findings(draft, code=code, column=column, weight=weight, after=after, limit=limit)


def repairs(draft: ImportDraft) -> list[Repair]:
    """Return what was written anew: replacements in whole columns first (line 0), then single cells by line."""
    return repairing.listed(draft)


def progress(draft: ImportDraft) -> Progress:
    """Return how far the work in the background is."""
    return showing.progress(draft)


def report(draft: ImportDraft, *, by: User) -> ImportReport:
    """Return what the import did."""
    return showing.report(draft, by)


def error_file(draft: ImportDraft, *, by: User) -> Iterator[str]:
    """Yield a CSV of the rows that were rejected: their columns as they came, repairs included, and why.

    Safe for spreadsheets; mend it and import it again with the same mapping. Before the import it holds what the
    last check would reject.
    """
    if "header" not in draft.seen or not draft.path:
        return iter(())
    return error_files.rows(draft)


# -- deciding ----------------------------------------------------------------------------------------------


def upload(*, by: User, object: str, file: IO[bytes], name: str, mapping: str = "") -> ImportDraft:
    """Keep a file and begin to read it; a small one is read at once. `mapping` is a `KnownMapping.key`.

    Raises FileRefused (a Blocked) for a file that is too big or none that we read.
    """
    return starting.upload(by=by, object=object, file=file, name=name, mapping=mapping)


def set_options(*, by: User, pk: int, options: Mapping[str, Any]) -> ImportDraft:
    """Say how the file is read: encoding, delimiter, sheet, header_line, date_format, decimal, migration, system.

    Only the options that are named change. A change of encoding, delimiter, sheet or header_line reads it again.
    """
    return saying.put(by=by, pk=pk, options=options)


def answer(*, by: User, pk: int, answers: Mapping[str, str]) -> ImportDraft:
    """Answer open questions, by `Question.key`; "" takes an answer back."""
    return saying.answer(by=by, pk=pk, answers=answers)


def take_mapping(*, by: User, pk: int, key: str) -> ImportDraft:
    """Lay a ready or saved mapping (`KnownMapping.key`) on the file, in place of what was decided by hand."""
    return fields.take(by=by, pk=pk, key=key)


def map_columns(
    *, by: User, pk: int, columns: Mapping[int, list[str]], constants: Mapping[str, str] | None = None
) -> ImportDraft:
    """Say by hand what columns become, by place: fields, `external_id`, `skip`, or [] (not imported).

    Columns that are not named stay as they are. `constants` replaces all constants: field -> text, for rows where
    no column fills it.
    """
    return fields.lay(by=by, pk=pk, columns=columns, constants=constants)


def map_values(*, by: User, pk: int, values: Mapping[str, Mapping[str, str]]) -> ImportDraft:
    """Say what words of the file mean: field -> word -> choice; "" takes it back. Kept with a saved mapping."""
    return words.put(by=by, pk=pk, values=values)


def save_mapping(*, by: User, pk: int, name: str, shared: bool = False) -> SavedMapping:
    """Keep the draft's mapping, values and formats under a name, or write one's own of that name anew."""
    draft = get(by=by, pk=pk)
    return saved.keep(draft, by, name, shared=shared)


def delete_mapping(*, by: User, pk: int) -> None:
    """Delete one's own saved mapping."""
    saved.delete(by, pk)


def check(*, by: User, pk: int) -> ImportDraft:
    """Begin a dry run over the whole file in the background. Raises Blocked while questions are open."""
    return starting.check(by=by, pk=pk)


def recheck(*, by: User, pk: int) -> ImportDraft:
    """Check the rows again that were repaired since the last check, at once. The rest of the result stays."""
    return starting.recheck(by=by, pk=pk)


def repair(*, by: User, pk: int, line: int, place: int, text: str) -> ImportDraft:
    """Write one cell anew; the file stays as it is."""
    return repairing.put(by=by, pk=pk, line=line, place=place, text=text)


def replace_everywhere(*, by: User, pk: int, place: int, found: str, text: str) -> tuple[ImportDraft, int]:
    """Write every cell of a column that holds `found` anew; return how many there were."""
    return repairing.replace_everywhere(by=by, pk=pk, place=place, found=found, text=text)


def repair_row(*, by: User, pk: int, line: int, cells: list[str]) -> ImportDraft:
    """Write a whole row anew: one with too few or too many cells."""
    return repairing.put_row(by=by, pk=pk, line=line, cells=cells)


def undo_repair(*, by: User, pk: int, line: int, place: int, found: str = "") -> ImportDraft:
    """Take a repair back; with line 0 (as `repairs` lists it) the replacement of `found` in a whole column."""
    if line == 0:
        return repairing.undo_everywhere(by=by, pk=pk, place=place, found=found)
    return repairing.undo(by=by, pk=pk, line=line, place=place)


def commit(*, by: User, pk: int) -> ImportDraft:
    """Begin the import for good, in the background; go on with one that stopped. Raises Blocked if unchecked."""
    return starting.commit(by=by, pk=pk)


def revert_plan(draft: ImportDraft, *, by: User) -> Revert:
    """Return what a revert would remove, restore and refuse (`reverting.plan`)."""
    if draft.run is None:
        raise Blocked.because(
            "IMP-028", "Nothing of this file was imported, so there is nothing to take back."
        )
    return reverting.plan(draft.run, by)


def revert(*, by: User, pk: int) -> ImportDraft:
    """Begin to take the whole import back, in the background."""
    return starting.revert(by=by, pk=pk)


def discard(*, by: User, pk: int) -> None:
    """Delete a draft that was never committed, and its file."""
    starting.discard(by=by, pk=pk)
