"""Verification: is everything still as it was signed, and if not, which row is the first that is not.

Checks the chain against the anchors, each event against its code, each version against its digest, and each
live row against its newest version, in one snapshot that blocks nobody. Source: architecture §3, D31.
"""

from collections.abc import Iterator
from itertools import chain

from django.apps import apps

from revops.kernel import clocks
from revops.kernel.audit.models import ChangedRow
from revops.kernel.audit.verifying.events import check_events
from revops.kernel.audit.verifying.records import check_records
from revops.kernel.audit.verifying.report import UNSEEN, Discrepancy, Report
from revops.kernel.audit.verifying.seals import check_anchors, check_chain, read_anchors
from revops.kernel.audit.verifying.snapshot import Snapshot, snapshot
from revops.kernel.guard import GovernedModel

__all__ = ["UNSEEN", "Discrepancy", "Report", "verify"]


def verify(*, record_type: str | None = None, stop_at_first: bool = True, at_most: int = 1_000) -> Report:
    """Verify the trail and report what is not as it was signed, first things first.

    The chain, the anchors and the events are always checked whole, since every record's proof rests on them;
    `record_type` (a label such as `accounts.account`) limits the records. Stops at the first finding that is
    not a warning, or collects up to `at_most`. Reads in chunks: memory does not grow with the data.
    """
    governed = [model for model in apps.get_models() if issubclass(model, GovernedModel)]
    if record_type is not None:
        governed = [model for model in governed if model._meta.label_lower == record_type.lower()]
        if not governed:
            raise LookupError(f"{record_type} is not a governed record type.")
    return _run(governed, stop_at_first=stop_at_first, at_most=at_most)


def _run(governed: list[type[GovernedModel]], *, stop_at_first: bool, at_most: int) -> Report:
    anchored, unreadable = read_anchors()
    report = Report(at=clocks.now())
    with snapshot(report.at) as state:
        found = chain(
            check_chain(state),
            unreadable,
            check_anchors(state, anchored),
            check_events(state),
            _check_types(state),
            *(check_records(state, model) for model in governed),
        )
        for finding in found:
            report.findings.append(finding)
            if (stop_at_first and not report.valid) or len(report.findings) >= at_most:
                report.complete = False
                break
        report.checked = state.checked
    return report


def _check_types(state: Snapshot) -> Iterator[Discrepancy]:
    """Find changed rows about record types that this installation does not have."""
    known = {model._meta.label_lower for model in apps.get_models()}
    labels = state.rows(ChangedRow).values_list("record_type", flat=True).order_by("record_type").distinct()
    for label in labels:
        if label not in known:
            why = "its events name records of a type that this version of RevOps does not have"
            yield Discrepancy("history", "audit_changedrow", label, why, severity="warning")
