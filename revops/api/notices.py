"""Notifications over the API: reading them, marking them, and choosing how each kind comes."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries, representation
from revops.api.access_rows import asking
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import (
    ADDRESS,
    INSTANT,
    RECORD_ID,
    TEXT,
    YES_OR_NO,
    documented,
    in_query,
    many,
    nullable,
    ref,
    thing,
    words,
)
from revops.api.views import ApiView, body_of, user_of
from revops.kernel import notifications
from revops.kernel.audit import Blocked
from revops.kernel.notifications import choosing, kinds
from revops.kernel.notifications.enums import Mail
from revops.kernel.notifications.models import Notification
from revops.kernel.notifications.queries import STATES
from revops.kernel.records import following

MOST = 100
_CHOICE = {
    "kind": TEXT,
    "label": TEXT,
    "help": TEXT,
    "in_bell": YES_OR_NO,
    "mail": ref("NotificationMail"),
    "fixed": {**TEXT, "description": "Why it cannot be turned off; empty where it can."},
}
_DIGEST = {
    "hour": {"type": "integer", "minimum": 0, "maximum": 23, "description": "On your own clock."},
    "weekdays_only": YES_OR_NO,
}
_COMPONENTS = {
    "NotificationMail": words(Mail.values),
    "NotificationSubject": thing({"record_type": TEXT, "id": RECORD_ID}),
    "Notification": thing(
        {
            "id": RECORD_ID,
            "kind": TEXT,
            "title": TEXT,
            "text": TEXT,
            "url": {**TEXT, "description": "The page it leads to, as a path on this site."},
            "subject": nullable(ref("NotificationSubject")),
            "created_at": INSTANT,
            "read_at": nullable(INSTANT),
        }
    ),
    "Notifications": thing({"results": many(ref("Notification")), "next": nullable(ADDRESS)}),
    "NotificationChoice": thing(_CHOICE),
    "NotificationChoices": thing(
        {
            "choices": many(ref("NotificationChoice")),
            "digest": thing(_DIGEST),
            "follow_owned": {**YES_OR_NO, "description": "Whether what becomes yours is followed by itself."},
        }
    ),
    "NotificationChoicesChange": thing(
        {
            "choices": many(
                thing(
                    {"kind": TEXT, "in_bell": YES_OR_NO, "mail": ref("NotificationMail")},
                    additionalProperties=False,
                )
            ),
            "digest": thing(_DIGEST, required=[], additionalProperties=False),
            "follow_owned": YES_OR_NO,
        },
        required=[],
        additionalProperties=False,
    ),
}
_TAG: dict[str, Any] = {"tag": "Notifications", "components": _COMPONENTS}


class Notifications(ApiView):
    """What somebody was told, newest first."""

    @documented(
        id="notifications_list",
        summary="List your notifications, newest first",
        description="Those about records that you no longer see are left out, so a page may be shorter.",
        response=ref("Notifications"),
        parameters=[
            in_query("state", words(STATES), "Only unread or only read ones; all by default."),
            in_query("kind", TEXT, "Only those of this kind."),
            in_query("after", TEXT, "The cursor of the page before."),
            in_query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 30}, "How many."),
        ],
        **_TAG,
    )
    def get(self, request: Request) -> Response:
        given = queries.single(request)
        known = ("state", "kind", "after", "limit")
        findings = [
            queries.wrong(name, text, ", ".join(known)) for name, text in given.items() if name not in known
        ]
        if findings:
            raise blocked(Blocked(findings), BAD_QUERY)
        limit = queries.whole("limit", given.pop("limit", None), default=30, most=MOST)
        try:
            found = notifications.page(user_of(request), limit=limit, **given)
        except Blocked as error:
            raise blocked(error, BAD_QUERY) from None
        rest = None
        if found.next:
            address = urlencode({**given, "limit": str(limit), "after": found.next})
            rest = request.build_absolute_uri(f"/api/v1/notifications/?{address}")
        return Response({"results": [shown(one) for one in found.rows], "next": rest})


class Marking(ApiView):
    """Marking one notification."""

    def marked(self, request: Request, id: int, mark: Any) -> Response:
        body = body_of(request)
        if body:
            raise blocked(
                Blocked([queries.wrong(name, body[name], "an empty object") for name in sorted(body)])
            )
        rows = list(Notification.objects.filter(recipient=user_of(request), pk=id, in_bell=True))
        seen = notifications.visible(user_of(request), rows)
        if not seen:
            raise ObjectDoesNotExist
        mark(user_of(request), [id])
        return Response(shown(Notification.objects.get(pk=id)))


class Reading(Marking):
    """Marking one as read."""

    @documented(
        id="notifications_read", summary="Mark a notification as read", response=ref("Notification"), **_TAG
    )
    def post(self, request: Request, id: int) -> Response:
        return self.marked(request, id, notifications.mark_read)


class Unreading(Marking):
    """Marking one as unread."""

    @documented(
        id="notifications_unread",
        summary="Mark a notification as unread",
        response=ref("Notification"),
        **_TAG,
    )
    def post(self, request: Request, id: int) -> Response:
        return self.marked(request, id, notifications.mark_unread)


class Choices(ApiView):
    """How each kind of notification comes."""

    @documented(
        id="notification_choices_read",
        summary="Read how you are told",
        response=ref("NotificationChoices"),
        **_TAG,
    )
    def get(self, request: Request) -> Response:
        queries.none(request)
        return Response(_chosen(request))

    @documented(
        id="notification_choices_change",
        summary="Choose how you are told",
        description="What is not named stays. All of it is kept, or none.",
        request=ref("NotificationChoicesChange"),
        response=ref("NotificationChoices"),
        **_TAG,
    )
    def patch(self, request: Request) -> Response:
        user, body = user_of(request), body_of(request)
        _check(body)
        daily, digest = choosing.daily(user), body.get("digest", {})
        choosing.keep_all(
            by=user,
            choices=[(one["kind"], one["in_bell"], one["mail"]) for one in body.get("choices", [])],
            hour=digest.get("hour", daily.hour),
            weekdays_only=digest.get("weekdays_only", daily.weekdays_only),
        )
        if "follow_owned" in body:
            following.use_owned(by=user, owned=body["follow_owned"])
        return Response(_chosen(request))


def _check(body: dict[str, Any]) -> None:
    """Raise Problem for unknown names and values of a wrong kind."""
    known = ("choices", "digest", "follow_owned")
    findings = [
        queries.wrong(name, body[name], ", ".join(known)) for name in sorted(body.keys() - set(known))
    ]
    kinds_of = {"kind": str, "in_bell": bool, "mail": str}
    choices, digest = body.get("choices", []), body.get("digest", {})
    if not isinstance(choices, list) or not all(_fits(one, kinds_of, whole=True) for one in choices):
        findings.append(queries.wrong("choices", choices, "a list of objects with kind, in_bell and mail"))
    if not _fits(digest, {"hour": int, "weekdays_only": bool}):
        findings.append(queries.wrong("digest", digest, "an object with hour and weekdays_only"))
    if type(body.get("follow_owned", False)) is not bool:
        findings.append(queries.wrong("follow_owned", body["follow_owned"], "true or false"))
    if findings:
        raise blocked(Blocked(findings))


def _fits(value: Any, types: dict[str, type], *, whole: bool = False) -> bool:
    if not isinstance(value, dict) or value.keys() - types.keys() or (whole and types.keys() - value.keys()):
        return False
    return all(type(value[name]) is types[name] for name in value)


def _chosen(request: Request) -> dict[str, Any]:
    user = user_of(request)
    daily = choosing.daily(user)
    return {
        "choices": [
            {
                "kind": one.kind.key,
                "label": one.kind.label,
                "help": one.kind.help,
                "in_bell": one.in_bell,
                "mail": str(one.mail),
                "fixed": one.kind.fixed,
            }
            for one in choosing.choices(user)
        ],
        "digest": {"hour": daily.hour, "weekdays_only": daily.weekdays_only},
        "follow_owned": following.follows_owned(user),
    }


def shown(one: Notification) -> dict[str, Any]:
    """Return a notification as the API shows it."""
    subject = None if one.subject_id is None else {"record_type": one.subject_type, "id": one.subject_id}
    return {
        "id": one.pk,
        "kind": kinds.of(one.kind).key,
        "title": one.title,
        "text": one.text,
        "url": one.url,
        "subject": subject,
        "created_at": representation.instant(one.created_at),
        "read_at": representation.plain(one.read_at),
    }


def patterns() -> list[URLPattern]:
    """Return the addresses of notifications, each with the row of the access matrix it asks."""
    own = {"GET": "self"}
    return [
        path("notifications/", asking(Notifications.as_view(), own), name="api-notifications"),
        path(
            "notifications/<record_id:id>/read/",
            asking(Reading.as_view(), {"POST": "self"}),
            name="api-notification-read",
        ),
        path(
            "notifications/<record_id:id>/unread/",
            asking(Unreading.as_view(), {"POST": "self"}),
            name="api-notification-unread",
        ),
        path(
            "notification-choices/",
            asking(Choices.as_view(), own | {"PATCH": "self"}),
            name="api-notification-choices",
        ),
    ]
