"""Reading the address of a list: filters and cursors for the kernel, sparse fields and counts for us."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.request import Request

from revops.api import representation
from revops.api.problems import BAD_QUERY, blocked
from revops.kernel.audit import Blocked, Finding
from revops.kernel.people import access
from revops.kernel.records import listing
from revops.kernel.records.registry import RecordType

# What the kernel's parser lets pass for the pages' sake, and the API does not know.
_OF_PAGES = listing.RESERVED - {
    "sort",
    "after",
    "before",
    "limit",
    "q",
    "count",
    "where",
    "view",
    "metric",
    "part",
}


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A list that was asked for: the kernel's query, the fields to show, whether to count."""

    query: listing.Query
    names: Sequence[str]
    exact: bool
    given: dict[str, str]

    @classmethod
    def read(cls, record_type: RecordType, request: Request) -> Self:
        """Read the parameters. Raises Problem with a finding for each that does not fit."""
        require_seen(record_type, request.user)
        given = single(request)
        try:
            names = _sparse(record_type, request.user, given.pop("fields", None))
            exact = _exact(given.get("count"))
            query = listing.parse(record_type, request.user, given)
        except Blocked as exc:
            raise blocked(exc, BAD_QUERY) from None
        return cls(query, sorted(names), exact, single(request))

    def page(self, user: Any) -> listing.Page:
        """Return the rows. Raises Problem for a cursor that this list never gave."""
        try:
            return listing.page(self.query, user, self.names)
        except Blocked as exc:
            raise blocked(exc, BAD_QUERY) from None

    def address(self, base: str, **cursor: str) -> str | None:
        """Return the full address of a neighbouring page, or None where there is none."""
        if not any(cursor.values()):
            return None
        kept = {name: text for name, text in self.given.items() if name not in ("after", "before")}
        return f"{base}?{urlencode({**kept, **cursor})}"


def require_seen(record_type: RecordType, user: Any) -> None:
    """Raise ObjectDoesNotExist where `user` sees no record of this type: to them the type does not exist."""
    if not access.rights(user, record_type.label).sees_any:
        raise ObjectDoesNotExist


def single(request: Request) -> dict[str, str]:
    """Return the parameters by name. Raises Problem for one given twice, or holding what no text may hold."""
    given: dict[str, str] = {}
    findings = []
    for name, texts in request.query_params.lists():
        if len(texts) != 1 or name in _OF_PAGES:
            known = name not in _OF_PAGES
            findings.append(
                wrong(name, ", ".join(texts), "the parameter once" if known else "no such parameter")
            )
        elif any(char < " " for char in name + texts[0]):
            findings.append(wrong(name, texts[0], "text without control characters"))
        else:
            given[name] = texts[0]
    if findings:
        raise blocked(Blocked(findings), BAD_QUERY)
    return given


def sparse(record_type: RecordType, request: Request) -> frozenset[str]:
    """Return the fields that `?fields=` asks for on a single record; nothing else may stand in its address."""
    given = single(request)
    try:
        names = _sparse(record_type, request.user, given.pop("fields", None))
        if given:
            raise Blocked([wrong(name, text, "fields, or nothing") for name, text in given.items()])
    except Blocked as exc:
        raise blocked(exc, BAD_QUERY) from None
    return names


def whole(name: str, text: str | None, *, default: int, most: int) -> int:
    """Return a whole number from 1 to `most` out of the address. Raises Problem with a finding."""
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19 and 1 <= int(text) <= most):
        finding = wrong(name, text, f"a whole number from 1 to {most}")
        raise blocked(Blocked([finding]), BAD_QUERY)
    return int(text)


def wrong(name: str, found: Any, needed: str) -> Finding:
    """Return the finding against one parameter."""
    shown = "".join(char if char.isprintable() else "�" for char in str(found)[:80])
    name = "".join(char if char.isprintable() else "�" for char in name[:80])
    message = f"{name}: {shown!r} does not fit. Use {needed}."
    return Finding("API-001", message, field=name, found=shown, needed=needed)


def _sparse(record_type: RecordType, user: Any, text: str | None) -> frozenset[str]:
    """Return the fields that `?fields=` asks for. A field one may not read is refused like an unknown one."""
    readable = representation.readable(record_type, user)
    if text is None:
        return readable
    names = {name.strip() for name in text.split(",") if name.strip()} - set(representation.IDENTITY)
    if unknown := sorted(names - readable):
        raise Blocked([wrong("fields", name, "some of " + ", ".join(sorted(readable))) for name in unknown])
    return representation.readable(record_type, user, names)


def _exact(text: str | None) -> bool:
    if text not in (None, "exact"):
        raise Blocked([wrong("count", text, "exact")])
    return text == "exact"


def none(request: Request) -> None:
    """Raise Problem when anything stands in the address of a view that takes nothing there."""
    if given := single(request):
        findings = [wrong(name, text, "no parameter at all") for name, text in sorted(given.items())]
        raise blocked(Blocked(findings), BAD_QUERY)


def state(request: Request, states: Sequence[str]) -> str:
    """Return the state that a list of runs is asked for, or nothing. Raises Problem for anything else asked."""
    given = single(request)
    found = given.pop("state", "")
    findings = [wrong(name, text, "state, or nothing") for name, text in given.items()]
    if found and found not in states:
        findings.append(wrong("state", found, "one of " + ", ".join(states)))
    if findings:
        raise blocked(Blocked(findings), BAD_QUERY)
    return found
