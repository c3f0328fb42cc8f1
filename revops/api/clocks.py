"""Where a clock stands, over the API: what is used and left of its target, now or at another instant."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries as asked
from revops.api import routes
from revops.api.schema.operation import INSTANT, NUMBER, TEXT, documented, many, nullable, ref, thing, words
from revops.api.viewsets import RecordViewSet
from revops.kernel import sla
from revops.kernel.sla import reading
from revops.kernel.sla.enums import ClockState, SegmentKind
from revops.kernel.sla.models import SlaClock

_SHARE = {"type": "number", "description": "The share of the target that is used; 1 is all of it."}
_SECONDS = {**NUMBER, "description": "Seconds that count by the clock's calendar."}
_SEGMENT = thing(
    {
        "kind": words(SegmentKind.values),
        "since": INSTANT,
        "until": nullable(INSTANT),
        "seconds": _SECONDS,
        "calendar": TEXT,
    }
)
_STATUS = thing(
    {
        "state": words(ClockState.values),
        "elapsed_s": _SECONDS,
        "remaining_s": {**NUMBER, "description": "Seconds left; negative once the target is used up."},
        "share": _SHARE,
        "due_at": nullable(INSTANT),
        "segments": many(ref("ClockSegment")),
    }
)


class ClockViewSet(RecordViewSet):
    """Serves clocks, and where each of them stands."""

    @documented(
        id="clocks_status",
        summary="Read where one clock stands now",
        tag="Clocks",
        response=ref("ClockStatus"),
        components={"ClockSegment": _SEGMENT, "ClockStatus": _STATUS},
        description="It is worked out when you ask, and so never waits for the poller.",
    )
    @action(detail=True, methods=["get"])
    def status(self, request: Request, id: int) -> Response:
        """Answer what is used and left of a clock's target, and the stretches of time it ran or was paused."""
        asked.none(request)
        clock = SlaClock.objects.visible_to(request.user).filter(pk=id).first()
        if clock is None:
            raise ObjectDoesNotExist
        found = sla.status(clock)
        body: dict[str, Any] = {
            "state": found.state,
            "elapsed_s": found.elapsed,
            "remaining_s": found.remaining,
            "share": round(found.share, 4),
            "due_at": found.due_at,
            "segments": [
                {
                    "kind": one.kind,
                    "since": one.since,
                    "until": one.until,
                    "seconds": one.seconds,
                    "calendar": one.calendar_ref,
                }
                for one in reading.segments(clock)
            ],
        }
        return Response(body)


routes.register("sla.slaclock", ClockViewSet)
