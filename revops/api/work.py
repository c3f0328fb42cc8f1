"""My work over the API: what waits for whoever asks, and doing one of the things that it offers."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries, representation
from revops.api.access_rows import AccessRow
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import (
    COUNT,
    INSTANT,
    RECORD_ID,
    TEXT,
    documented,
    in_query,
    many,
    nullable,
    ref,
    thing,
    words,
)
from revops.api.views import ApiView, body_of, user_of
from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.packets.days import zone_of
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records import work as works
from revops.kernel.records.work import Urgency, WorkItem

_ITEM = {
    "key": {**TEXT, "description": "Names the item among all work."},
    "source": {**TEXT, "description": "The kind of work, such as task or next-step."},
    "id": RECORD_ID,
    "title": TEXT,
    "why": {**TEXT, "description": "Why it waits, in words."},
    "urgency": ref("WorkUrgency"),
    "at": nullable({**INSTANT, "description": "When it falls due, or since when it waits."}),
    "subject": nullable(ref("WorkSubject")),
    "deeds": {**many(TEXT), "description": "What can be done about it from here."},
}
_COMPONENTS = {
    "WorkUrgency": words(one.name.lower() for one in Urgency),
    "WorkSubject": thing({"record_type": TEXT, "id": RECORD_ID, "title": TEXT}),
    "WorkItem": thing(_ITEM),
    "Work": thing(
        {"results": many(ref("WorkItem")), "counts": {"type": "object", "additionalProperties": COUNT}}
    ),
    "WorkAnswers": {"type": "object", "additionalProperties": True},
    "WorkDone": thing({"said": TEXT, "undo": TEXT, "undo_values": ref("WorkAnswers")}),
}
_TAG: dict[str, Any] = {"tag": "My work", "components": _COMPONENTS}


class MyWork(ApiView):
    """What waits for whoever asks, the most urgent first."""

    @documented(
        id="work_list",
        summary="List what waits for you, the most urgent first",
        response=ref("Work"),
        parameters=[in_query("kind", TEXT, "Only work of this kind.")],
        **_TAG,
    )
    def get(self, request: Request) -> Response:
        given, user = queries.single(request), user_of(request)
        kind = given.pop("kind", "")
        findings = [queries.wrong(name, text, "kind, or nothing") for name, text in given.items()]
        known = [one.key for one in works.every()]
        if kind and kind not in known:
            findings.append(queries.wrong("kind", kind, "one of " + ", ".join(known)))
        if findings:
            raise blocked(Blocked(findings), BAD_QUERY)
        now = clocks.now().astimezone(zone_of(user))
        with access.remembered():
            found = works.work(user, now, kinds=[kind] if kind else ())
        return Response({"results": [shown(one) for one in found.items], "counts": dict(found.counts)})


class WorkDeed(ApiView):
    """Doing something about one item."""

    @documented(
        id="work_do",
        summary="Do something about one thing that waits for you",
        description="The body holds what the deed asks for; the answer names the deed that takes it back.",
        request=ref("WorkAnswers"),
        response=ref("WorkDone"),
        **_TAG,
    )
    def post(self, request: Request, source: str, id: int, deed: str) -> Response:
        values = body_of(request)
        try:
            done = works.do(by=user_of(request), source=source, pk=id, name=deed, values=values)
        except LookupError:
            raise ObjectDoesNotExist from None
        return Response({"said": done.said, "undo": done.undo, "undo_values": dict(done.undo_values)})


def shown(item: WorkItem) -> dict[str, Any]:
    """Return an item as the API shows it."""
    about = item.subject
    subject = None
    if about is not None:
        subject = {"record_type": registry.get(about.label).slug, "id": about.pk, "title": about.title}
    return {
        "key": item.key,
        "source": item.source,
        "id": item.pk,
        "title": item.title,
        "why": item.why,
        "urgency": item.urgency.name.lower(),
        "at": representation.plain(item.at),
        "subject": subject,
        "deeds": list(item.deeds),
    }


def patterns() -> list[URLPattern]:
    """Return the addresses of My work, each with the row of the access matrix it asks."""
    return [
        path("work/", _asking(MyWork.as_view(), {"GET": "self"}), name="api-work"),
        path(
            "work/<slug:source>/<record_id:id>/<slug:deed>/",
            _asking(WorkDeed.as_view(), {"POST": "what the action of the source asks"}),
            name="api-work-do",
        ),
    ]


def _asking(view: Any, methods: Mapping[str, str]) -> Any:
    view.access_row = AccessRow(methods)
    return view
