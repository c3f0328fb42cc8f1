"""Evidence: what a reference to it looks like. Whether somebody may open what it names is asked where it is opened."""

import re
from urllib.parse import urlsplit

from revops.kernel.audit import Finding
from revops.kernel.packets.enums import EvidenceKind

LONGEST = 300
_NUMBER = re.compile(r"[A-Z]{3}-\d{6,12}", re.ASCII)


def is_number(text: str) -> bool:
    """Say whether this is the number of a record, such as OPP-000012."""
    return bool(_NUMBER.fullmatch(text))


def is_link(text: str) -> bool:
    """Say whether this is a web address one may be led to."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("https", "http")
            and bool(parts.hostname)
            and text.isprintable()
            and " " not in text
        )
    except ValueError:
        return False


def fits(kind: str, text: str) -> bool:
    """Say whether a reference is of the kind asked for; without a kind either will do."""
    if len(text) > LONGEST:
        return False
    return (kind != EvidenceKind.LINK and is_number(text)) or (kind != EvidenceKind.RECORD and is_link(text))


def needed(kind: str) -> str:
    """Return in words what kind of reference is needed."""
    number, link = (
        "the number of a record such as OPP-000012",
        "a web address such as https://example.com/file",
    )
    return {EvidenceKind.LINK: link, EvidenceKind.RECORD: number}.get(kind, f"{number}, or {link}")  # type: ignore[call-overload, no-any-return]


def against(text: str, *, code: str, field: str, kind: str = "") -> list[Finding]:
    """Return what speaks against a reference to evidence."""
    if fits(kind, text):
        return []
    message = f"{text[:60]!r} cannot be looked up. Give {needed(kind)}, at most {LONGEST} characters."
    return [Finding(code, message, field=field, found=text[:60], needed=needed(kind))]
