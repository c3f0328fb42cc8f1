"""What a verification says: what was checked, what is wrong and where, and what it cannot see."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

BAD, WARNING = "bad", "warning"

# Printed with every report and tested as such (tests/kernel/audit/test_verifying.py).
UNSEEN = (
    "An action whose every row (record, history, event) the database's owner removed before it was sealed.",
    "A cut of the chain's end back to the last anchor with everything those events wrote, by the database's owner.",
    "Changes made with AUDIT_KEY itself: who holds it can sign anything.",
    "Bookkeeping columns that are no part of a record (password, last sign-in).",
    "Earlier versions of a ledger row: a ledger keeps its newest version only.",
    "Whether a restored backup is the newest one, unless the anchor file reaches further than the backup.",
)


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that is not as it was signed: which check, in which table, which row and version, and why."""

    check: str
    table: str
    row: str
    why: str
    version: int | None = None
    severity: str = BAD

    def __str__(self) -> str:
        version = f", version {self.version}" if self.version is not None else ""
        return f"{self.table}, {self.row}{version}: {self.why}"

    def as_json(self) -> dict[str, Any]:
        """Return the discrepancy as the command prints it."""
        return {
            "check": self.check,
            "table": self.table,
            "row": self.row,
            "version": self.version,
            "why": self.why,
            "severity": self.severity,
        }


@dataclass(slots=True)
class Report:
    """The result of one verification."""

    at: datetime
    checked: Counter[str] = field(default_factory=Counter)
    findings: list[Discrepancy] = field(default_factory=list)
    complete: bool = True

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong; warnings do not count."""
        return not any(finding.severity == BAD for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return the report as the command prints it."""
        return {
            "valid": self.valid,
            "at": self.at.isoformat(),
            "complete": self.complete,
            "checked": dict(self.checked),
            "findings": [finding.as_json() for finding in self.findings],
            "cannot_see": list(UNSEEN),
        }
