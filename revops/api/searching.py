"""Search over all record types."""

from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import (
    ADDRESS,
    RECORD_ID,
    TEXT,
    documented,
    in_query,
    many,
    ref,
    thing,
)
from revops.api.views import ApiView
from revops.kernel.audit import Blocked
from revops.kernel.records import searching

_SEARCH = {
    "Hit": thing({"type": TEXT, "id": RECORD_ID, "number": TEXT, "title": TEXT, "url": ADDRESS}),
    "Hits": thing({"results": many(ref("Hit"))}),
}


class Search(ApiView):
    """Finds records of all types by the beginnings of their words, or by number."""

    @documented(
        id="search",
        summary="Search all records you may see",
        tag="Search",
        response=ref("Hits"),
        components=_SEARCH,
        parameters=(
            {
                **in_query("q", {**TEXT, "maxLength": 200}, "Words, or a number such as ACC-000123."),
                "required": True,
            },
            in_query(
                "limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "Records a type."
            ),
        ),
    )
    def get(self, request: Request) -> Response:
        given = queries.single(request)
        findings = [
            queries.wrong(name, text, "q or limit")
            for name, text in given.items()
            if name not in ("q", "limit")
        ]
        text = given.get("q", "")
        if not 0 < len(text.strip()) <= 200:
            findings.append(queries.wrong("q", text, "1 to 200 characters"))
        if findings:
            raise blocked(Blocked(findings), BAD_QUERY)
        limit = queries.whole("limit", given.get("limit"), default=20, most=100)
        base = request.build_absolute_uri("/api/v1/")
        return Response(
            {
                "results": [
                    {
                        "type": hit.record_type.label,
                        "id": hit.pk,
                        "number": hit.number,
                        "title": hit.title,
                        "url": f"{base}{hit.record_type.slug}/{hit.pk}/",
                    }
                    for hit in searching.search(request.user, text, limit=limit)
                ]
            }
        )
