"""What begins: an upload, a check, an import, its revert. Long work goes to the background, short is done at once."""

from pathlib import Path
from typing import IO

from django.db import transaction

from revops.kernel import clocks
from revops.kernel.audit import Blocked, Finding
from revops.kernel.exchange.drafts import (
    archives,
    checking,
    deciding,
    fields,
    order,
    questions,
    saved,
    uploads,
    working,
)
from revops.kernel.exchange.drafts.models import DraftState, FileFormat, ImportDraft
from revops.kernel.exchange.findings import shown
from revops.kernel.exchange.sniffing import refuse_binary
from revops.kernel.identity.models import User
from revops.kernel.people import access

RECHECKED_ROWS = 20_000
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def upload(*, by: User, object: str, file: IO[bytes], name: str, mapping: str = "") -> ImportDraft:
    """Keep a file and begin to read it. Raises Forbidden, FileRefused, Blocked for an object nobody knows."""
    access.require_create(by, ImportDraft, {"object", "file_name"})
    record_type = _record_type(by, object)
    _require_mapping(by, object, mapping)
    stored = uploads.keep(file)
    try:
        form = _format(uploads.path_of(stored.name))
        with transaction.atomic():
            now = clocks.now()
            draft = ImportDraft.objects.create(
                object=object,
                record_type=record_type,
                file_name=uploads.clean_name(name),
                path=stored.name,
                size=stored.size,
                sha256=stored.sha256,
                format=form,
                mapping=mapping,
                created_by=by,
                created_at=now,
                updated_at=now,
                expires_at=now + uploads.KEPT_FOR,
            )
            deciding.read_again(draft, by)
    except BaseException:
        uploads.delete(stored.name)
        raise
    return draft


def _format(path: Path) -> FileFormat:
    """Return what a file is. Raises FileRefused for what is neither a workbook nor text."""
    if archives.is_archive(path):
        archives.judge(path)
        return FileFormat.XLSX
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    refuse_binary(head, utf16=head.startswith(_UTF16))
    return FileFormat.CSV


def _record_type(by: User, name: str) -> str:
    """Return the record type of an object, "" for one that is parked. Raises Blocked, Forbidden."""
    importer = order.importer_of(name)
    if importer is None and order.parked(name) is None:
        needed = "one of " + ", ".join(order.names())
        raise Blocked(
            [Finding("IMP-018", f"{shown(name)!r} cannot be imported.", "object", shown(name), needed)]
        )
    if importer is None:
        return ""
    if not access.may_ever(by, "import", importer.record_type):
        raise access.Forbidden(f"Your role may not import {order.label_of(name).lower()}.")
    return importer.record_type


def _require_mapping(by: User, name: str, key: str) -> None:
    importer = order.importer_of(name)
    ready = {one.name for one in importer.mappings} | {"columns"} if importer is not None else set[str]()
    number = key.removeprefix(saved.PREFIX)
    own = saved.usable(by).filter(object=name)
    if not key or key in ready or (key != number and number.isdigit() and own.filter(pk=number).exists()):
        return
    needed = "one of " + ", ".join(sorted(ready)) + ", or one that was saved"
    raise Blocked([Finding("IMP-018", f"There is no mapping {shown(key)!r}.", "mapping", shown(key), needed)])


def check(*, by: User, pk: int) -> ImportDraft:
    """Begin a dry run over the whole file. Raises Blocked while something is open, Busy, Forbidden."""
    with transaction.atomic():
        draft = deciding.locked(by, pk)
        deciding.require_idle(draft)
        require_ready(draft, by)
        working.begin(draft, DraftState.CHECKING, by, total=draft.seen["rows"])
        return draft


def require_ready(draft: ImportDraft, by: User) -> None:
    """Raise Blocked with every open question and everything that is wrong with the mapping."""
    if draft.state == DraftState.REFUSED and "header" not in draft.seen:
        raise Blocked.because("IMP-026", "The file could not be read; upload another, or say how it is read.")
    found = [
        Finding("IMP-021", question.text, f"answers.{question.key}", "no answer", "an answer")
        for question in questions.open_ones(draft)
    ]
    if "header" in draft.seen:
        found += [problem.as_finding() for problem in fields.problems(draft, by)]
    if found:
        raise Blocked(found)


def recheck(*, by: User, pk: int) -> ImportDraft:
    """Check the repaired rows again at once; the whole file in the background, where that is not quick and sound."""
    with transaction.atomic():
        draft = deciding.locked(by, pk)
        deciding.require_idle(draft)
        require_ready(draft, by)
        if not checking.can_recheck(draft, RECHECKED_ROWS):
            working.begin(draft, DraftState.CHECKING, by, total=draft.seen["rows"])
            return draft
        draft.check_result = checking.recheck(draft, by)
        draft.checked_revision = draft.revision
        draft.repairs = {**draft.repairs, "fresh": []}
        draft.updated_at = clocks.now()
        draft.save()
        return draft


def commit(*, by: User, pk: int) -> ImportDraft:
    """Begin the import for good, or go on with one that stopped. Raises Blocked if unchecked, Busy, Forbidden."""
    with transaction.atomic():
        draft = deciding.locked(by, pk)
        access.require(by, "commit", draft)
        if draft.run_id is None:
            deciding.require_idle(draft)
            require_ready(draft, by)
            if not draft.checked_revision == draft.revision:
                raise Blocked.because(
                    "IMP-029",
                    "The import was changed since it was checked. Check it again before it goes in.",
                    found="unchecked changes",
                    needed="a check",
                )
        else:
            require_state(draft, DraftState.STOPPED, DraftState.DENIED, DraftState.REFUSED)
            deciding.require_file(draft)
        working.begin(draft, DraftState.COMMITTING, by, total=draft.seen["rows"])
        return draft


def require_state(draft: ImportDraft, *states: DraftState) -> None:
    """Raise Busy unless the draft is in one of these states."""
    if draft.state not in states:
        state = DraftState(draft.state)
        raise deciding.Busy.because(
            "IMP-023",
            f"The import is {state.label.lower()}; this is not possible now.",
            found=state.label,
            needed=" or ".join(one.label for one in states),
        )


def revert(*, by: User, pk: int) -> ImportDraft:
    """Begin to take an import back; nothing may run meanwhile. Raises Forbidden, Busy, Blocked."""
    with transaction.atomic():
        draft = deciding.locked(by, pk)
        access.require(by, "revert", draft)
        if draft.run_id is None:
            raise Blocked.because(
                "IMP-028", "Nothing of this file was imported, so there is nothing to take back."
            )
        over = (
            DraftState.DONE,
            DraftState.STOPPED,
            DraftState.DENIED,
            DraftState.REFUSED,
            DraftState.REVERTED,
        )
        require_state(draft, *over)
        working.begin(draft, DraftState.REVERTING, by)
        return draft


def discard(*, by: User, pk: int) -> None:
    """Delete a draft of which nothing was imported, and its file. Raises Busy, Forbidden."""
    with transaction.atomic():
        draft = deciding.locked(by, pk)
        if draft.run_id is not None or draft.parked.exists() or DraftState(draft.state).is_working:
            raise deciding.Busy.because(
                "IMP-023",
                "Only an import of which nothing went in can be thrown away.",
                found=draft.get_state_display(),
                needed="an import that has not begun",
            )
        name = draft.path
        checking.forget(draft)
        draft.delete()
        transaction.on_commit(lambda: uploads.delete(name))
