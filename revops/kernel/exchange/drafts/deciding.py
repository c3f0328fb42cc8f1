"""One decision about a draft: found within reach, locked, allowed, written; nothing is decided while work goes on."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import QuerySet

from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.exchange.drafts import opening, working
from revops.kernel.exchange.drafts.models import EDITABLE, DraftState, ImportDraft
from revops.kernel.exchange.findings import FileRefused
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.people.access import ScopedQuerySet


class Busy(Blocked):
    """The draft cannot be changed now: work goes on in the background, or it is over."""


def visible(by: User) -> QuerySet[ImportDraft]:
    """Return the drafts that somebody may see."""
    rows: QuerySet[ImportDraft] = ScopedQuerySet(ImportDraft).visible_to(by)
    return rows


def locked(by: User, pk: int) -> ImportDraft:
    """Return a draft within reach, locked until the transaction ends. Raises DoesNotExist, Forbidden."""
    draft = visible(by).select_for_update(of=("self",)).get(pk=pk)
    if not access.editable(by, draft):
        raise access.Forbidden("Your role may look at this import and not change it.")
    return draft


@contextmanager
def decision(by: User, pk: int) -> Iterator[ImportDraft]:
    """Lock a draft, let the block decide about it, and write it as a new revision. Raises Busy."""
    with transaction.atomic():
        draft = locked(by, pk)
        require_idle(draft)
        yield draft
        draft.revision += 1
        draft.state = DraftState.OPEN if draft.state != DraftState.CHECKED else DraftState.CHECKED
        draft.trouble = []
        draft.updated_at = clocks.now()
        draft.save()


def require_idle(draft: ImportDraft) -> None:
    """Raise Busy while somebody works on the draft, and once it is over."""
    state = DraftState(draft.state)
    if state not in EDITABLE:
        working_on = (
            "Wait until it has ended." if state.is_working else "Upload the file again to import it anew."
        )
        raise Busy.because(
            "IMP-023",
            f"The import is {state.label.lower()} and cannot be changed now. {working_on}",
            found=state.label,
            needed="an import that waits for decisions",
        )
    if draft.run_id is not None:
        raise Busy.because(
            "IMP-023",
            "A part of this file is imported already. Go on with the import, or revert it.",
            found="rows that are in",
            needed="an import that has not begun",
        )
    require_file(draft)


def require_file(draft: ImportDraft) -> None:
    """Raise Busy when the file is gone."""
    if not draft.path:
        raise Busy.because(
            "IMP-001",
            "The file was deleted, 30 days after its upload. Upload it again.",
            found="no file",
            needed="a file",
        )


def read_again(draft: ImportDraft, by: User) -> None:
    """Read a locked draft's file anew: at once when it is small, else in the background."""
    draft.check_result, draft.checked_revision = {}, 0
    if not opening.is_small(draft):
        working.begin(draft, DraftState.READING, by)
        return
    try:
        with transaction.atomic():
            for name, value in opening.examined(draft).items():
                setattr(draft, name, value)
    except FileRefused as refusal:
        draft.state, draft.trouble = DraftState.REFUSED, [one.as_json() for one in refusal.located]
    else:
        draft.state, draft.trouble = DraftState.OPEN, []
    draft.updated_at = clocks.now()
    draft.save()
