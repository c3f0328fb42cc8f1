"""How somebody wants to be told: by kind, and when their digest comes. Personal, so neither governed nor audited."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from revops.kernel.audit import Blocked, Finding
from revops.kernel.identity.models import User
from revops.kernel.notifications import kinds
from revops.kernel.notifications.enums import Mail
from revops.kernel.notifications.kinds import Kind
from revops.kernel.notifications.models import DigestTime, NotificationChoice

CODE = "NTF-001"


@dataclass(frozen=True, slots=True)
class Choice:
    """How one kind comes to one person: in the bell or not, and by which e-mail."""

    kind: Kind
    in_bell: bool
    mail: Mail

    @property
    def wanted(self) -> bool:
        """Say whether it is written at all."""
        return self.in_bell or self.mail != Mail.NONE


@dataclass(frozen=True, slots=True)
class Daily:
    """When the digest comes: at this hour on the person's own clock, on working days alone or on all."""

    hour: int = 8
    weekdays_only: bool = False


def choices(user: User) -> list[Choice]:
    """Return how every declared kind comes to `user`, in one query."""
    made = {row.kind: row for row in NotificationChoice.objects.filter(user=user)}
    return [_choice(kind, made.get(kind.key)) for kind in kinds.every()]


def of_people(kind: Kind, people: Collection[int]) -> dict[int, Choice]:
    """Return how `kind` comes to each of these people (ids), in one query."""
    made = {row.user_id: row for row in NotificationChoice.objects.filter(kind=kind.key, user__in=people)}
    return {person: _choice(kind, made.get(person)) for person in people}


def _choice(kind: Kind, made: NotificationChoice | None) -> Choice:
    if made is None:
        return Choice(kind, kind.in_bell, kind.mail)
    return Choice(kind, made.in_bell, Mail(made.mail))


def choose(*, by: User, kind: str, in_bell: bool, mail: str) -> Choice:
    """Keep how `kind` comes to `by`. Raises Blocked for an unknown kind or e-mail, and for one that must come."""
    if findings := _findings(kind, in_bell, mail):
        raise Blocked(findings)
    kept, _ = NotificationChoice.objects.update_or_create(
        user=by, kind=kind, defaults={"in_bell": in_bell, "mail": mail}
    )
    return _choice(kinds.of(kind), kept)


def keep_all(*, by: User, choices: Sequence[tuple[str, bool, str]], hour: int, weekdays_only: bool) -> None:
    """Keep several choices (kind, bell, e-mail) and the time of the digest together, or none of them.

    Raises Blocked with every finding.
    """
    findings = [finding for one in choices for finding in _findings(*one)] + _of_hour(hour)
    if findings:
        raise Blocked(findings)
    with transaction.atomic():
        for kind, in_bell, mail in choices:
            choose(by=by, kind=kind, in_bell=in_bell, mail=mail)
        choose_daily(by=by, hour=hour, weekdays_only=weekdays_only)


def _findings(kind: str, in_bell: bool, mail: str) -> list[Finding]:
    known = next((one for one in kinds.every() if one.key == kind), None)
    if known is None:
        needed = ", ".join(one.key for one in kinds.every())
        message = f"{kind[:60]!r} is no kind of notification. Use one of {needed}."
        return [Finding(CODE, message, field="kind", found=kind[:80], needed=needed)]
    if mail not in Mail.values:
        needed = ", ".join(Mail.values)
        message = f"E-mail: {mail[:20]!r} is not offered. Use one of {needed}."
        return [Finding(CODE, message, field="mail", found=mail[:80], needed=needed)]
    if known.fixed and not in_bell and mail == Mail.NONE:
        message = f"“{known.label}” cannot be turned off: {known.fixed} Keep the bell or an e-mail."
        return [Finding(CODE, message, field="in_bell", found="off", needed="the bell or an e-mail")]
    return []


def daily(user: User) -> Daily:
    """Return when the digest of `user` comes."""
    row = DigestTime.objects.filter(user=user).first()
    return Daily(row.hour, row.weekdays_only) if row else Daily()


def choose_daily(*, by: User, hour: int, weekdays_only: bool) -> Daily:
    """Keep when the digest of `by` comes. Raises Blocked for an hour that no day has."""
    if findings := _of_hour(hour):
        raise Blocked(findings)
    DigestTime.objects.update_or_create(user=by, defaults={"hour": hour, "weekdays_only": weekdays_only})
    return Daily(hour, weekdays_only)


def _of_hour(hour: int) -> list[Finding]:
    if 0 <= hour <= 23:
        return []
    message = f"The day has no hour {hour}. Use 0 to 23."
    return [Finding(CODE, message, field="hour", found=str(hour), needed="0 to 23")]
