"""What a draft would change, over the API: as JSON with a page of records, or all of them as a file."""

import csv
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api.policies import bodies, representation
from revops.api.policies.documents import TAG
from revops.api.schema.operation import documented, ref
from revops.api.views import ApiView, user_of
from revops.kernel.exchange.defusing import defused
from revops.kernel.policies import simulating
from revops.kernel.policies.simulating import Impact

_ASKED = ("body", "mode", "scope", "migrate", "since", "until")


class Simulation(ApiView):
    """Running a draft over the records there are and the decisions there were; it writes nothing."""

    @documented(
        id="policies_simulate",
        summary="Simulate a version on the records there are and the decisions of the last 90 days",
        request=ref("PolicySimulation"),
        response=ref("PolicyImpact"),
        **TAG,
    )
    def post(self, request: Request, key: str) -> Response:
        bodies.document_of(request, key)
        given = bodies.given(request, (*_ASKED, "limit", "offset"), needed=("body",))
        page = {"limit": given.pop("limit", 50), "offset": given.pop("offset", 0)}
        impact = _simulate(request, key, given)
        return Response(representation.impact(impact, impact.rows(**page)))


class SimulationFile(ApiView):
    """Every record that a draft would treat differently, as CSV."""

    idempotent = False

    @documented(
        id="policies_simulate_file",
        summary="Simulate a version and fetch every changed record",
        description="The answer is the file itself, as CSV; text that looks like a formula is marked.",
        request=ref("PolicySimulation"),
        **TAG,
    )
    def post(self, request: Request, key: str) -> StreamingHttpResponse:
        bodies.document_of(request, key)
        impact = _simulate(request, key, bodies.given(request, _ASKED, needed=("body",)))
        name = f"{key}-impact.csv"
        answer = StreamingHttpResponse(written(impact), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _simulate(request: Request, key: str, given: dict[str, Any]) -> Impact:
    return simulating.simulate(key, by=user_of(request), **given)


class _Echo:
    def write(self, line: str) -> str:
        return line


def written(impact: Impact) -> Iterator[str]:
    """Yield the lines of the file; no cell of it is a formula."""
    writer: Any = csv.writer(_Echo())
    for line in impact.csv():
        yield writer.writerow([defused(cell) if isinstance(cell, str) else cell for cell in line])
