"""What a revert did, or would do."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.exchange.models import ImportRun
from revops.kernel.exchange.reports import MAX_FINDINGS
from revops.kernel.exchange.reverting.deciding import Decision
from revops.kernel.exchange.reverting.groups import Group


@dataclass(slots=True)
class Revert:
    """Counts of records with what belongs to them, and by type what happened to every single one.

    `findings` holds why records stay, each with the record it is about: the first thousand.
    """

    run_id: int
    dry_run: bool
    removed: int = 0
    restored: int = 0
    kept: int = 0
    by_type: dict[str, Counter[str]] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0

    def take(self, decision: Decision) -> None:
        """Count what was decided about one part of the import."""
        for group in decision.going:
            if group.is_removed:
                self.removed += 1
            else:
                self.restored += 1
            for piece in group.pieces:
                counts = self.by_type.setdefault(piece.key[0], Counter())
                counts["removed" if piece.trace.created else "restored"] += 1
        for group in decision.staying:
            self.keep(group)

    def keep(self, group: Group) -> None:
        """Count a group that stays."""
        self.kept += 1
        for piece in group.pieces:
            self.by_type.setdefault(piece.key[0], Counter())["kept"] += 1
        for finding in group.findings:
            self.tell({"record_type": group.top[0], "record_id": group.top[1], **finding.as_json()})

    def tell(self, finding: dict[str, Any]) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)
        else:
            self.left_out += 1

    def as_json(self) -> dict[str, Any]:
        """Return what the command prints."""
        return {
            "run": self.run_id,
            "dry_run": self.dry_run,
            "removed": self.removed,
            "restored": self.restored,
            "kept": self.kept,
            "by_type": {label: dict(counts) for label, counts in sorted(self.by_type.items())},
            "findings": self.findings,
            "findings_left_out": self.left_out,
        }


def of_run(held: ImportRun) -> Revert:
    """Return the report of a revert from the run's own rows, those of earlier attempts included."""
    held.refresh_from_db()
    report = Revert(held.pk, False, held.removed, held.restored, held.kept)
    rows = held.kept_records.order_by("pk").values_list("record_type", "record_id", "findings")
    for label, pk, findings in rows.iterator():
        for finding in findings:
            report.tell({"record_type": label, "record_id": pk, **finding})
    return report
