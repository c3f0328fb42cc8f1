"""What an inspector is asked, and their answers read: the same for the form, the queue and the API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opportunities.enums import InspectionOutcome
from opportunities.queries.inspections.changes import PATHS
from revops.kernel.audit import Finding
from revops.kernel.records import drafting
from revops.kernel.records.registry import Field, FieldKind

YES, NO = "yes", "no"
# An inspection of more than a working day is a slip of the hand.
LONGEST = 480
FIELDS = (
    Field("outcome", "Outcome", FieldKind.CHOICE, choices=InspectionOutcome.choices, required=True),
    Field(
        "changed",
        "Did anything change on the buyer's side?",
        FieldKind.CHOICE,
        choices=((YES, "Yes"), (NO, "No")),
        required=True,
    ),
    Field(
        "field_path",
        "Which field captures it?",
        FieldKind.CHOICE,
        choices=tuple(PATHS.items()),
        help="Needed after “yes”: a change that no field captures fails the question.",
    ),
    Field("note", "Note", help="What was agreed, at most 255 characters."),
    Field("dissent", "What the owner says against it", help="A note, not a veto."),
    Field("minutes", "Minutes spent", FieldKind.INTEGER),
)


@dataclass(frozen=True, slots=True)
class Said:
    """What the inspector said."""

    outcome: str
    changed: bool
    field_path: str
    note: str
    dissent: str
    minutes: int | None
    findings: Sequence[Finding]

    @property
    def unsaid(self) -> bool:
        """Whether something is said to have changed that no field captures."""
        return self.changed and not self.field_path


def read(values: Mapping[str, Any]) -> Said:
    """Read what the inspector said. Raises Blocked for what does not fit; what contradicts itself becomes findings."""
    given = drafting.entered("Inspect", FIELDS, values)
    changed, path = given["changed"] == YES, given.get("field_path") or ""
    minutes, findings = given.get("minutes"), []
    if path and not changed:
        message = (
            f"Nothing changed on the buyer's side, and yet “{PATHS[path]}” is named as the field that captures it. "
            "Say “yes”, or leave the field empty."
        )
        findings.append(Finding("INS-005", message, field="field_path", found=path, needed="no field"))
    if minutes is not None and not 0 <= minutes <= LONGEST:
        message = f"An inspection of {minutes} minutes does not fit. Give 0 to {LONGEST}, or leave it empty."
        needed = f"0 to {LONGEST}"
        findings.append(Finding("INS-006", message, field="minutes", found=str(minutes), needed=needed))
    return Said(
        given["outcome"],
        changed,
        path,
        given.get("note") or "",
        given.get("dissent") or "",
        minutes,
        findings,
    )
