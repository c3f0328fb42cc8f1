"""Read what is sent about rules: names, kinds of values, instants; everything that is wrong at once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.request import Request

from revops.api import queries
from revops.api.problems import BAD_QUERY, blocked
from revops.api.views import body_of
from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.policies import documents
from revops.kernel.policies.documents import PolicyDocument

LABEL = "policies.policyversion"
MOST_ROWS = 500
_INSTANT = "an instant with its offset, such as 2026-03-31T09:00:00Z"
Fits = tuple[Callable[[Any], bool], str]


def _texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _whole(least: int, most: int) -> Fits:
    needed = f"a whole number from {least} to {most}"
    return (lambda value: type(value) is int and least <= value <= most), needed


_TEXT: Fits = (lambda value: isinstance(value, str) and "\0" not in value, "text")
_MOMENT: Fits = (lambda value: value is None or moment(value) is not None, _INSTANT)
FITS: Mapping[str, Fits] = {
    "body": (lambda value: isinstance(value, dict), "an object"),
    "mode": _TEXT,
    "source_note": _TEXT,
    "reason": _TEXT,
    "scope": (_texts, "an object of texts"),
    "priority": _whole(-1_000, 1_000),
    "migrate": (lambda value: isinstance(value, bool), "true or false"),
    "version": _whole(1, 2**31 - 1),
    "limit": _whole(0, MOST_ROWS),
    "offset": _whole(0, 10**7),
    "at": _MOMENT,
    "since": _MOMENT,
    "until": _MOMENT,
}
MOMENTS = frozenset({"at", "since", "until"})


def given(request: Request, names: tuple[str, ...], *, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what the body holds. Raises Problem for unknown names, values of a wrong kind and what is missing."""
    body = body_of(request)
    known = ", ".join(names)
    findings = [queries.wrong(name, body[name], known) for name in sorted(body.keys() - set(names))]
    for name in names:
        fits, wanted = FITS[name]
        if name in body and not fits(body[name]):
            findings.append(queries.wrong(name, body[name], wanted))
        elif name in needed and name not in body:
            findings.append(queries.wrong(name, "", wanted))
    if findings:
        raise blocked(Blocked(findings))
    return {name: moment(value) if name in MOMENTS else value for name, value in body.items()}


def moment(value: Any) -> datetime | None:
    """Return an instant that is spelled with its offset; None for anything else."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None and 1900 <= found.year <= 2200 else None


def moment_of(name: str, text: str) -> datetime:
    """Return an instant out of the address. Raises Problem for anything else."""
    found = moment(text.replace(" ", "+"))
    if found is None:
        raise blocked(Blocked([queries.wrong(name, text, _INSTANT)]), BAD_QUERY)
    return found


def document_of(request: Request, key: str) -> PolicyDocument:
    """Return the document of an address. Raises ObjectDoesNotExist for none, and for who sees no policy."""
    require_seen(request)
    try:
        return documents.get(key)
    except LookupError:
        raise ObjectDoesNotExist from None


def require_seen(request: Request) -> None:
    """Raise ObjectDoesNotExist for who sees no policy: to them there are none."""
    if not access.rights(request.user, LABEL).sees_any:
        raise ObjectDoesNotExist
