"""Where somebody is signed in, and ending it. A session ends with its row: its next request comes in as nobody's.

`allauth.usersessions` keeps a row for each session from signing in on. When it was last seen is noted at most every
five minutes, and the session itself remembers when: an ordinary request asks and writes nothing for it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest

from revops.kernel import clocks
from revops.web import devices

SEEN = "seen_at"
EVERY = 300  # seconds


@dataclass(frozen=True, slots=True)
class Session:
    """One place where somebody is signed in; `pk` is 0 for one that is not kept (it cannot be ended apart)."""

    pk: int
    device: str
    icon: str
    address: str
    since: datetime
    seen: datetime
    is_here: bool


def begin(request: HttpRequest) -> None:
    """Note that a session has begun (called once somebody signed in)."""
    request.session[SEEN] = clocks.now().timestamp()


def touch(request: HttpRequest) -> None:
    """Note that a session is in use, if that was not noted for five minutes."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return
    noted, now = request.session.get(SEEN), clocks.now()
    if noted is None or abs(now.timestamp() - noted) < EVERY:
        return
    request.session[SEEN] = now.timestamp()
    kept = UserSession.objects.filter(session_key=request.session.session_key)
    kept.update(last_seen_at=now, ip=get_adapter().get_client_ip(request))


def of(request: HttpRequest) -> list[Session]:
    """Return where the asker is signed in: here first, then by when it was last seen."""
    user: Any = request.user
    here = request.session.session_key
    rows = UserSession.objects.filter(user_id=user.pk).order_by("-last_seen_at", "-pk")
    alive = _alive([row.session_key for row in rows])
    found = [_shown(row, is_here=row.session_key == here) for row in rows if row.session_key in alive]
    if not any(one.is_here for one in found):
        found.insert(0, _unkept(request))
    return sorted(found, key=lambda one: not one.is_here)


def end(request: HttpRequest, pk: int) -> bool:
    """End one other session of the asker, at once. False where there is none such."""
    return bool(_end(request, UserSession.objects.filter(pk=pk)))


def end_others(request: HttpRequest) -> int:
    """End every session of the asker but this one; return how many there were."""
    return _end(request, UserSession.objects.all())


def _end(request: HttpRequest, chosen: Any) -> int:
    user: Any = request.user
    ending = list(chosen.filter(user_id=user.pk).exclude(session_key=request.session.session_key))
    for row in ending:
        row.end()
    return len(ending)


def _alive(keys: list[str]) -> set[str]:
    """Return the keys of those sessions that have not ended or run out, in one query."""
    from django.contrib.sessions.models import Session as Stored

    held = Stored.objects.filter(session_key__in=keys, expire_date__gt=clocks.now())
    return set(held.values_list("session_key", flat=True))


def _shown(row: UserSession, *, is_here: bool) -> Session:
    return Session(
        pk=row.pk,
        device=devices.in_words(row.user_agent),
        icon=devices.icon(row.user_agent),
        address=str(row.ip),
        since=row.created_at,
        seen=row.last_seen_at,
        is_here=is_here,
    )


def _unkept(request: HttpRequest) -> Session:
    """Return this session where it began before sessions were kept."""
    agent, now = request.headers.get("User-Agent", ""), clocks.now()
    address = get_adapter().get_client_ip(request) or ""
    return Session(0, devices.in_words(agent), devices.icon(agent), address, now, now, is_here=True)
