"""What is said about a version, looked at before it is stored or simulated."""

import re
from collections.abc import Mapping
from typing import Any

from revops.kernel import audit
from revops.kernel.policies import documents
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.enums import Mode

REASON_NEEDS = 20
_SCOPE_VALUE = re.compile(r"[\w .:/-]{1,60}")


def declared(key: str) -> PolicyDocument:
    """Return the document of a key that somebody named. Raises Blocked for one that there is not."""
    try:
        return documents.get(key)
    except LookupError:
        known = ", ".join(document.key for document in documents.every())
        message = f"{key[:80]!r} is no policy. Use one of {known}."
        raise audit.Blocked.because(
            "POL-002", message, field="key", found=key, needed="a known policy"
        ) from None


def told_wrong(
    document: PolicyDocument, mode: str, scope: Mapping[str, Any], *, source_note: str | None = None
) -> list[audit.Finding]:
    """Return what is wrong with what is said about a version; its source only where one is given."""
    findings = []
    if mode and mode not in Mode.values:
        needed = ", ".join(Mode.values)
        message = f"{mode[:20]!r} is no mode; use one of {needed}."
        findings.append(audit.Finding("POL-003", message, field="mode", found=mode[:20], needed=needed))
    if source_note is not None and (
        not 1 <= len(source_note.strip()) <= 500 or not source_note.isprintable()
    ):
        message = "Say where this version comes from, in 1 to 500 visible characters."
        findings.append(audit.Finding("POL-004", message, field="source_note", found=source_note[:80]))
    for name, value in scope.items():
        if name not in document.scopes:
            needed = ", ".join(document.scopes) or "no scope: it is the same for everything"
            message = f"{document.title} does not differ by {str(name)[:40]!r}; it has {needed}."
            findings.append(
                audit.Finding("POL-005", message, field="scope", found=str(name)[:40], needed=needed)
            )
        elif not isinstance(value, str) or not _SCOPE_VALUE.fullmatch(value):
            message = f"The {name} of a scope is a word of at most 60 letters, digits and . : / -."
            findings.append(audit.Finding("POL-006", message, field="scope", found=str(value)[:60]))
    return findings


def require_reason(reason: str) -> None:
    """Raise Blocked for a reason that is too short to be one."""
    length = len(" ".join(reason.split()))
    if length < REASON_NEEDS:
        message = f"Say why in at least {REASON_NEEDS} characters (it has {length}); the reason stays with the change."
        raise audit.Blocked.because(
            "POL-016", message, field="reason", found=reason, needed=f"{REASON_NEEDS} characters"
        )
