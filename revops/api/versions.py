"""No lost update: whoever changes a record says which version they hold (D09)."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rest_framework.request import Request

from revops.api import representation
from revops.api.problems import (
    CONFLICT,
    MALFORMED,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    Problem,
    blocked,
    conflict,
)
from revops.api.queries import wrong
from revops.kernel.audit import Blocked, Conflict, Remedy
from revops.kernel.records.registry import RecordType

_ETAG = re.compile(r'(?:W/)?"([^"]*)"')
_NEVER = -1  # a version that no record has: an ETag of another making never matches
_MAX_REASON = 2_000


def held(request: Request, body: dict[str, Any]) -> int:
    """Take the version the client holds from `If-Match` or from `version` in the body.

    A weak ETag counts, because proxies that compress make ours weak. Raises Problem: 428 for neither (`*` says
    nothing), 400 for a header that is no ETag, 422 for a version that is no number or disagrees.
    """
    given, header = body.pop("version", None), request.headers.get("If-Match", "").strip()
    if given is not None and (type(given) is not int or not 0 < given < 2**31):
        raise blocked(Blocked([wrong("version", given, "the version you hold, a whole number")]))
    if not header or header == "*":
        if given is None:
            remedy = Remedy("Read the record, then send its ETag as If-Match, or its version in the body")
            detail = "Without it a change of somebody else's could be overwritten unseen."
            raise Problem(
                PRECONDITION_REQUIRED, detail, remedies=[{"label": remedy.label, "url": request.path}]
            )
        return given
    found = _ETAG.fullmatch(header)
    if found is None:
        raise Problem(MALFORMED, f'If-Match: send one ETag in quotes, such as "3"; found {header[:80]!r}.')
    text = found.group(1)
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else _NEVER
    if given not in (None, version):
        raise blocked(Blocked([wrong("version", given, "the version that If-Match names, or none")]))
    return version


def reason(body: dict[str, Any]) -> str:
    """Take the reason of a change from the body. Raises Problem for one that is no text."""
    given = body.pop("reason", "")
    if (
        not isinstance(given, str)
        or len(given) > _MAX_REASON
        or any(c < " " and c not in "\n\t" for c in given)
    ):
        raise blocked(Blocked([wrong("reason", given, f"text of at most {_MAX_REASON:,} characters")]))
    try:
        given.encode()
    except UnicodeEncodeError:
        raise blocked(Blocked([wrong("reason", given, "text that is Unicode")])) from None
    return given


@contextmanager
def explained(record_type: RecordType, request: Request, changes: Mapping[str, Any]) -> Iterator[None]:
    """Turn a conflict inside into a problem that shows both versions of every readable field that differs.

    412 when the client sent `If-Match`, else 409.
    """
    try:
        yield
    except Conflict as exc:
        differing = [each.field for each in exc.differences if each.field in record_type.by_name]
        now = representation.one(record_type, exc.record.pk, request, differing)
        shown = [
            {"field": name, "theirs": now[name], **({"yours": changes[name]} if name in changes else {})}
            for name in differing
            if name in now
        ]
        kind = (
            PRECONDITION_FAILED if request.headers.get("If-Match", "").strip() not in ("", "*") else CONFLICT
        )
        raise conflict(exc, kind, differences=shown) from None
