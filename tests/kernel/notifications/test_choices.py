"""What somebody chose decides: bell or not, which e-mail, when; whatever the clocks of their zone do."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outgoing

from revops.kernel import clocks, notifications
from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.notifications import choosing, digest, hours, kinds, mail, sending
from revops.kernel.notifications.choosing import Daily
from revops.kernel.notifications.kinds import Kind, Mail
from revops.kernel.notifications.models import Notification
from revops.kernel.people.models import Preference
from tests.kernel.notifications.test_digest import REFUSING
from tests.kernel.outbox import scene

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)  # in New York, where the installation is
NIGHT = datetime(2026, 3, 3, 2, tzinfo=UTC)


def tell(person: User, title: str = "Acme is yours now", kind: str = "assigned", **more: Any) -> None:
    notifications.notify([person], kind, title, dedupe_key=title, **more)


@pytest.fixture
def loud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two kinds of these tests alone: one that is urgent, one that nobody may turn off."""
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    kinds.register(Kind("fire", "Fire", "Something burns.", mail=Mail.ONCE, urgent=True))
    kinds.register(Kind("law", "Law", "What must be told.", fixed="The law asks for it."))


def sent() -> list[str]:
    return [message.subject for message in outgoing.outbox]


@pytest.mark.parametrize(
    ("in_bell", "choice", "bell", "once", "daily"),
    [
        (True, "none", 1, 0, 0),
        (True, "once", 1, 1, 0),
        (True, "digest", 1, 0, 1),
        (False, "once", 0, 1, 0),
        (False, "digest", 0, 0, 1),
        (False, "none", 0, 0, 0),
    ],
)
def test_choice_decides_by_which_way_it_comes(
    in_bell: bool, choice: str, bell: int, once: int, daily: int
) -> None:
    ann = scene.person("Ann")
    choosing.choose(by=ann, kind="assigned", in_bell=in_bell, mail=choice)
    with clocks.at(NOON):
        tell(ann)
        assert notifications.count_unread(ann) == bell
        assert len(notifications.page(ann).rows) == bell
        sending.send_waiting()
    assert len(sent()) == once
    with clocks.at(NOON + timedelta(days=1)):
        digest.send_digests()
    assert len(sent()) == once + daily
    assert Notification.objects.count() == int(bell + once + daily > 0)


def test_choice_is_of_one_person_and_one_kind() -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    choosing.choose(by=ann, kind="assigned", in_bell=False, mail="none")
    for person in (ann, ben):
        tell(person)
        tell(person, "Else", kind="undeclared.kind")
    assert [row.title for row in notifications.unread(ann)] == ["Else"]
    assert [row.title for row in notifications.unread(ben)] == ["Else", "Acme is yours now"]


def test_event_is_of_the_kind_that_covers_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_covered", {})
    kinds.cover("assigned", "boat.assigned")
    ann = scene.person("Ann")
    choosing.choose(by=ann, kind="assigned", in_bell=False, mail="none")
    tell(ann, kind="boat.assigned")
    assert Notification.objects.count() == 0
    with pytest.raises(ValueError, match="of the kind 'assigned' already"):
        kinds.cover("law", "boat.assigned")


@pytest.mark.usefixtures("loud")
@pytest.mark.parametrize(
    ("kind", "in_bell", "mail", "said"),
    [
        ("nonsense", True, "none", "'nonsense' is no kind of notification. Use one of "),
        ("assigned", True, "pigeon", "E-mail: 'pigeon' is not offered. Use one of none, once, digest."),
        (
            "law",
            False,
            "none",
            "“Law” cannot be turned off: The law asks for it. Keep the bell or an e-mail.",
        ),
    ],
)
def test_choice_that_does_not_fit_is_refused(kind: str, in_bell: bool, mail: str, said: str) -> None:
    ann = scene.person("Ann")
    with pytest.raises(Blocked, match=re.escape(said)):
        choosing.choose(by=ann, kind=kind, in_bell=in_bell, mail=mail)
    assert choosing.choices(ann)[0] == choosing.Choice(kinds.of("assigned"), True, Mail.DIGEST)
    with pytest.raises(Blocked, match="The day has no hour 24"):
        choosing.choose_daily(by=ann, hour=24, weekdays_only=False)


def once(person: User) -> None:
    choosing.choose(by=person, kind="assigned", in_bell=True, mail="once")


def test_mail_at_once_says_what_and_where_and_goes_out_once(settings: Any) -> None:
    settings.SITE_URL = "https://crm.example.com"
    ann = scene.person("Ann")
    once(ann)
    with clocks.at(NOON):
        tell(ann, text="Assigned by Mona.", url="/accounts/7/")
        assert (sending.send_waiting(), sending.send_waiting()) == ("1 e-mails sent", "0 e-mails sent")
    (message,) = outgoing.outbox
    assert (message.to, message.subject) == (["ann@example.com"], "Acme is yours now")
    assert message.body == (
        "Assigned by Mona.\n\nhttps://crm.example.com/accounts/7/\n\n"
        "How you are told: https://crm.example.com/settings/notifications/\n"
    )
    assert message.extra_headers == {
        "Message-ID": f"<notification-{Notification.objects.get().pk}@crm.example.com>"
    }


def test_mail_at_once_is_repeated_under_the_same_name_after_its_worker_was_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann = scene.person("Ann")
    once(ann)
    send = mail.send

    def killed(*arguments: Any, **more: Any) -> None:
        send(*arguments, **more)
        raise KeyboardInterrupt

    with clocks.at(NOON):
        tell(ann)
        monkeypatch.setattr(mail, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            sending.send_waiting()
        monkeypatch.setattr(mail, "send", send)
        sending.send_waiting()
    assert len(outgoing.outbox) == 1
    with clocks.at(NOON + sending.LEASE):
        sending.send_waiting()
        sending.send_waiting()
    names = [parseaddr(message.extra_headers["Message-ID"]) for message in outgoing.outbox]
    assert (len(names), len(set(names))) == (2, 1)


def test_mail_at_once_joins_the_digest_after_five_refusals(settings: Any) -> None:
    ann = scene.person("Ann")
    once(ann)
    settings.EMAIL_BACKEND = REFUSING
    with clocks.at(NOON):
        tell(ann)
    for n in range(7):
        with clocks.at(NOON + n * sending.LEASE):
            sending.send_waiting()
    row = Notification.objects.get()
    assert (row.mail, row.mail_attempts, row.mailed_at) == (Mail.DIGEST, 5, None)


def test_mail_at_once_is_not_sent_once_it_was_read_or_its_recipient_left_or_lost_sight() -> None:
    ann, ben, cem = scene.person("Ann"), scene.person("Ben"), scene.person("Cem")
    for person in (ann, ben, cem):
        once(person)
    with clocks.at(NOON):
        tell(ann, "Read")
        notifications.mark_read(ann)
        tell(ben, "Left")
        tell(cem, "Out of sight", subject=("attic.relic", 1))
        leave(ben)
        assert sending.send_waiting() == "0 e-mails sent"
    assert sent() == []


def leave(person: User) -> None:
    from revops.kernel import audit

    with audit.change(by=scene.actor(), action="test.leave"):
        user = audit.lock(User.objects.all(), pk=person.pk)
        user.is_active = False
        audit.write(user)


@pytest.mark.usefixtures("loud")
def test_only_what_is_urgent_goes_out_at_night() -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    Preference.objects.create(user=ben, time_zone="Asia/Tokyo")  # where it is 11 in the morning
    once(ann)
    once(ben)
    with clocks.at(NIGHT):
        tell(ann, "Calm")
        tell(ann, "Fire!", kind="fire")
        tell(ben, "Calm")
        sending.send_waiting()
    assert [(message.to[0], message.subject) for message in outgoing.outbox] == [
        ("ann@example.com", "Fire!"),
        ("ben@example.com", "Calm"),
    ]
    with clocks.at(NIGHT + timedelta(hours=11)):
        digest.send_digests()
    assert sent()[2:] == ["Calm"]


# Clocks go forward on 8 March in New York, 29 March in Berlin and 5 April back on Lord Howe, by half an hour there.
@pytest.mark.parametrize(
    ("zone", "hour", "now", "due"),
    [
        ("America/New_York", 8, "2026-03-07T13:00Z", "2026-03-07T13:00Z"),
        ("America/New_York", 8, "2026-03-08T12:00Z", "2026-03-08T12:00Z"),
        ("America/New_York", 2, "2026-03-08T06:59Z", "2026-03-07T07:00Z"),
        ("America/New_York", 2, "2026-03-08T07:00Z", "2026-03-08T07:00Z"),
        ("America/New_York", 1, "2026-11-01T05:00Z", "2026-11-01T05:00Z"),
        ("America/New_York", 1, "2026-11-01T06:30Z", "2026-11-01T05:00Z"),
        ("Europe/Berlin", 17, "2026-03-28T16:00Z", "2026-03-28T16:00Z"),
        ("Europe/Berlin", 17, "2026-03-29T15:00Z", "2026-03-29T15:00Z"),
        ("Europe/Berlin", 17, "2026-03-29T14:59Z", "2026-03-28T16:00Z"),
        ("Australia/Lord_Howe", 2, "2026-04-04T15:29Z", "2026-04-03T15:00Z"),
        ("Australia/Lord_Howe", 2, "2026-04-05T15:29Z", "2026-04-04T15:30Z"),
        ("Australia/Lord_Howe", 2, "2026-04-05T15:30Z", "2026-04-05T15:30Z"),
        ("Asia/Kolkata", 8, "2026-03-08T02:30Z", "2026-03-08T02:30Z"),
    ],
)
def test_digest_is_due_at_its_hour_whatever_the_clocks_do(zone: str, hour: int, now: str, due: str) -> None:
    found = hours.last_due(datetime.fromisoformat(now), ZoneInfo(zone), Daily(hour))
    assert found == datetime.fromisoformat(due)


def test_digest_of_working_days_waits_for_monday() -> None:
    friday, monday = "2026-03-06T13:00Z", "2026-03-09T12:00Z"
    zone, choice = ZoneInfo("America/New_York"), Daily(8, weekdays_only=True)
    for now in ("2026-03-07T14:00Z", "2026-03-08T23:00Z", "2026-03-09T11:59Z"):
        assert hours.last_due(datetime.fromisoformat(now), zone, choice) == datetime.fromisoformat(friday)
    assert hours.last_due(datetime.fromisoformat(monday), zone, choice) == datetime.fromisoformat(monday)


def test_digest_comes_to_each_at_their_own_hour() -> None:
    zones = {"Ann": "America/New_York", "Ben": "Europe/Berlin", "Cem": "Asia/Kolkata"}
    people = {name: scene.person(name) for name in zones}
    for name, zone in zones.items():
        Preference.objects.create(user=people[name], time_zone=zone)
    choosing.choose_daily(by=people["Ben"], hour=17, weekdays_only=False)
    start = datetime(2026, 3, 29, tzinfo=UTC)  # the day on which Berlin's clocks go forward
    with clocks.at(start):
        for person in people.values():
            tell(person)
    when = {}
    for quarter in range(24 * 4 * 2):
        with clocks.at(start + quarter * timedelta(minutes=15)):
            digest.send_digests()
        for message in outgoing.outbox[len(when) :]:
            when[message.to[0]] = f"{quarter * 15 // 60:02}:{quarter * 15 % 60:02}"
    assert when == {"cem@example.com": "02:30", "ann@example.com": "12:00", "ben@example.com": "15:00"}


def test_page_is_by_state_and_kind_and_goes_on_behind_a_cursor() -> None:
    ann = scene.person("Ann")
    for n in range(5):
        with clocks.at(NOON + timedelta(minutes=n)):
            tell(ann, str(n), kind="assigned" if n % 2 else "fire")
    notifications.mark_read(ann, [notifications.page(ann, limit=1).rows[0].pk])
    shown = notifications.page(ann, limit=2)
    assert [row.title for row in shown.rows] == ["4", "3"]
    rest = notifications.page(ann, after=shown.next)
    assert ([row.title for row in rest.rows], rest.next) == (["2", "1", "0"], "")
    assert [row.title for row in notifications.page(ann, state="read").rows] == ["4"]
    assert [row.title for row in notifications.page(ann, state="unread", kind="assigned").rows] == ["3", "1"]
    for wrong in ({"state": "x"}, {"kind": "fire"}, {"after": "x"}, {"after": "2026-03-02_1"}):
        with pytest.raises(Blocked, match="does not fit"):
            notifications.page(ann, **wrong)  # type: ignore[arg-type]


def test_mark_unread_brings_back_ones_own_alone() -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    for person in (ann, ben):
        tell(person)
        notifications.mark_read(person)
    ids = list(Notification.objects.values_list("pk", flat=True))
    assert notifications.mark_unread(ann, ids) == 1
    assert (notifications.count_unread(ann), notifications.count_unread(ben)) == (1, 0)
