"""What may be the same record already, over the API."""

from typing import Any

from rest_framework.request import Request

from revops.api import queries
from revops.api.problems import BAD_QUERY, blocked
from revops.kernel.audit import Blocked
from revops.kernel.records import likeness
from revops.kernel.records.registry import RecordType


def answer(record_type: RecordType, request: Request) -> dict[str, Any]:
    """Return the visible records like the values in the address. Raises Problem for a value that is not compared."""
    queries.require_seen(record_type, request.user)
    given, asked = queries.single(request), likeness.asked(record_type)
    needed = "some of " + ", ".join(asked) if asked else "no parameter at all"
    if wrong := [queries.wrong(name, text, needed) for name, text in given.items() if name not in asked]:
        raise blocked(Blocked(wrong), BAD_QUERY)
    base = request.build_absolute_uri("/api/v1/")
    return {
        "results": [
            {
                "type": like.record_type.label,
                "id": like.pk,
                "number": like.number,
                "title": like.title,
                "note": like.note,
                "likeness": round(like.likeness, 2),
                "url": f"{base}{like.record_type.slug}/{like.pk}/",
            }
            for like in likeness.likely(record_type, request.user, given)
        ]
    }
