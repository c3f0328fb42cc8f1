"""What becomes of a file once it is there: its one reader gets it, and after 7 days nobody does."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import F

from revops.kernel import audit, clocks
from revops.kernel.exchange.exporting import files
from revops.kernel.exchange.exporting.enums import ExportState
from revops.kernel.exchange.exporting.models import DataExport
from revops.kernel.exchange.exporting.standing import standing_of
from revops.kernel.identity.models import User
from revops.kernel.people.access import Forbidden

BATCH = 500
# A file without a row is the trace of a worker that died; a younger one may still be on its way.
ORPHAN_AFTER = timedelta(days=1)


def file_for(by: Any, pk: int) -> tuple[DataExport, Path]:
    """Return an export and its file, for the person who asked for it and for nobody else.

    Raises DoesNotExist for one that `by` does not see, Forbidden for one of somebody else and when `by` sees
    another part of the list than the file was written with, Blocked when there is no file (any more).
    """
    export: DataExport = DataExport.objects.visible_to(by).get(pk=pk)
    if export.requested_by_id != by.pk:
        raise Forbidden("Only the person who asked for an export may download it.")
    if export.state != ExportState.READY or export.expires_at is None or export.expires_at <= clocks.now():
        state = "expired" if export.state == ExportState.READY else export.get_state_display().lower()
        raise audit.Blocked.because(
            "EXP-020", f"There is no file to download: the export is {state}.", found=state, needed="ready"
        )
    if standing_of(by, export.record_type) != export.standing:
        raise Forbidden(
            "Your role or team has changed since this file was written. Ask for the export again."
        )
    path = files.path_of(export.stored_name)
    if not path.is_file():
        raise audit.Blocked.because(
            "EXP-021", "The file is gone. Ask for the export again.", found="no file", needed="a file"
        )
    DataExport.objects.filter(pk=export.pk).update(downloads=F("downloads") + 1)
    return export, path


def expire(now: datetime) -> int:
    """Delete the files whose time is over and mark their exports; return how many."""
    due = DataExport.objects.filter(state=ExportState.READY, expires_at__lte=now).order_by("pk")
    ended = 0
    for pk, name in list(due.values_list("pk", "stored_name")[:BATCH]):
        files.delete(name)
        with audit.change(by=User.objects.system(), action="export.expire"):
            export = audit.lock(DataExport.objects.all(), pk=pk)
            if export.state == ExportState.READY:
                export.state, export.stored_name = ExportState.EXPIRED, ""
                audit.write(export)
                ended += 1
    return ended


def delete_orphans(now: datetime) -> int:
    """Delete files that belong to no export, a day after anybody wrote to them; return how many."""
    oldest = (now - ORPHAN_AFTER).timestamp()
    found = [path for path in files.folder().iterdir() if path.is_file() and path.stat().st_mtime < oldest]
    names = [path.name for path in found]
    known = set(DataExport.objects.filter(stored_name__in=names).values_list("stored_name", flat=True))
    orphans = [path for path in found if path.name not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)
