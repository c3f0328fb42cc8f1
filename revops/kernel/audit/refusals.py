"""The two refusals that reach a person: blocked, and here is why; conflict, someone was faster."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Remedy:
    """One way out of a refusal: a verb phrase for a button, and where it leads."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason against a write: what is wrong, where, what was found and what is needed.

    `field` is a field's name, or empty where the finding is about the whole record. `rule` and `criterion` name the
    policy and the line of it that speaks, `excusable_by` the roles that may excuse it (none by default). A `warning`
    passes once its criterion is acknowledged.
    """

    code: str
    message: str
    field: str = ""
    found: str = ""
    needed: str = ""
    rule: str = ""
    rule_version: int = 0
    criterion: str = ""
    excusable_by: tuple[str, ...] = ()
    warning: bool = False
    remedies: tuple[Remedy, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what the API and the commands print of this finding."""
        told: dict[str, Any] = {
            "code": self.code,
            "field": self.field,
            "message": self.message,
            "found": self.found,
            "needed": self.needed,
            "remedies": [{"label": remedy.label, "url": remedy.url} for remedy in self.remedies],
        }
        if self.rule:
            told |= {
                "rule": self.rule,
                "rule_version": self.rule_version,
                "criterion": self.criterion,
                "excusable_by": list(self.excusable_by),
                "warning": self.warning,
            }
        return told


class Blocked(Exception):
    """The write was refused; `findings` holds every reason, never only the first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(finding.message for finding in self.findings))

    @classmethod
    def because(
        cls, code: str, message: str, *, field: str = "", found: str = "", needed: str = ""
    ) -> "Blocked":
        """Return the refusal with this one finding."""
        return cls([Finding(code, message, field=field, found=found[:80], needed=needed)])


@dataclass(frozen=True, slots=True)
class Difference:
    """One field on which two versions differ, as both sides have it."""

    field: str
    theirs: Any
    yours: Any = None


class Conflict(Exception):
    """Somebody else wrote the record first: who, when, and what they changed."""

    def __init__(
        self,
        record: Any,
        *,
        expected: int,
        changed_by: str = "",
        changed_at: datetime | None = None,
        differences: Sequence[Difference] = (),
    ) -> None:
        self.record = record
        self.expected = expected
        self.changed_by = changed_by
        self.changed_at = changed_at
        self.differences = tuple(differences)
        who = f" by {changed_by}" if changed_by else ""
        super().__init__(
            f"{record} was changed{who} since you opened it: you hold version {expected}, "
            f"the record is at version {record.version}. Look at both versions and save again."
        )
