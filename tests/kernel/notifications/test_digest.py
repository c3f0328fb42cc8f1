"""The digest: one plain e-mail a person a day, at their hour, sent once whoever runs it, lost by no refusal."""

import smtplib
import time
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core import mail as outgoing
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections
from django.test import override_settings

from revops.kernel import clocks, notifications
from revops.kernel.identity.models import User
from revops.kernel.notifications import digest, mail
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox import jobs
from revops.kernel.outbox.models import JobRun
from tests.kernel.outbox import scene

pytestmark = [pytest.mark.django_db]
# Eight in the morning of New York, where the installation is: the hour of those who chose none.
EIGHT = datetime(2026, 3, 2, 13, tzinfo=UTC)


def after(hours: float) -> Any:
    return clocks.at(EIGHT + timedelta(hours=hours))


def tell(person: User, title: str, **more: Any) -> None:
    notifications.notify([person], "account.assigned", title, dedupe_key=title, **more)


def sent() -> list[tuple[list[str], str]]:
    return [(message.to, message.subject) for message in outgoing.outbox]


class Refusing(EmailBackend):
    """A mail server that refuses everybody."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("not today")


REFUSING = f"{__name__}.Refusing"


@override_settings(SITE_URL="https://crm.example.com")
def test_digest_is_one_plain_text_with_everything_unread() -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    with after(-2):
        tell(ann, "Acme is yours now", text="Assigned by Mona.", url="/accounts/7/")
        tell(ann, "Read already")
        notifications.mark_read(ann, [Notification.objects.get(title="Read already").pk])
    with after(-1):
        tell(ann, "Initech is yours now")
    with after(0):
        assert digest.send_digests() == "1 digests sent"
    (message,) = outgoing.outbox
    assert (message.to, message.subject) == (["ann@example.com"], "2 things you have not read in RevOps")
    assert message.body == (
        "RECORDS THAT BECOME YOURS\n\n"
        "Initech is yours now\n\n"
        "Acme is yours now\nAssigned by Mona.\nhttps://crm.example.com/accounts/7/\n\n"
        "All of it: https://crm.example.com/notifications/\n"
        "How you are told: https://crm.example.com/settings/notifications/\n"
    )
    assert (message.content_subtype, message.attachments, message.cc, message.bcc) == ("plain", [], [], [])
    assert notifications.count_unread(ben) == 0


def test_digest_is_sent_once_a_day() -> None:
    ann = scene.person("Ann")
    with after(-1):
        tell(ann, "First")
    with after(0):
        digest.send_digests()
        digest.send_digests()
    with after(1):
        tell(ann, "Second")
        assert digest.send_digests() == "0 digests sent"
    with after(24):
        assert digest.send_digests() == "1 digests sent"
    assert sent() == [(["ann@example.com"], "First"), (["ann@example.com"], "Second")]


def test_digest_waits_for_a_mail_server_that_refuses(settings: Any) -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    with after(-1):
        tell(ann, "First")
        tell(ben, "Other")
    settings.EMAIL_BACKEND = REFUSING
    with after(0):
        run = jobs.run_job("notifications.digest")
    assert run is not None
    assert JobRun.objects.get().state == "failed"
    assert JobRun.objects.get().error.endswith(
        "DigestRefused: 0 digests sent, 2 refused by the mail server\n"
    )
    assert set(Notification.objects.values_list("digested_at", flat=True)) == {None}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with after(0.25):
        jobs.run_job("notifications.digest")
    assert sent() == [(["ann@example.com"], "First"), (["ben@example.com"], "Other")]


def test_digest_is_not_sent_to_people_who_left() -> None:
    ann = scene.person("Ann")
    with after(-1):
        tell(ann, "First")
    from revops.kernel import audit

    with audit.change(by=scene.actor(), action="test.leave"):
        user = audit.lock(User.objects.all(), pk=ann.pk)
        user.is_active = False
        audit.write(user)
    with after(0):
        assert (digest.send_digests(), sent()) == ("0 digests sent", [])


def test_digest_tells_nothing_of_what_one_can_no_longer_see() -> None:
    ann, ben = scene.person("Ann"), scene.person("Ben")
    with after(-1):
        for person in (ann, ben):
            tell(person, f"Secret of {person.name}", subject=("attic.relic", 1))
        tell(ben, "Harmless")
    with after(0):
        assert digest.send_digests() == "1 digests sent"
    assert sent() == [(["ben@example.com"], "Harmless")]
    assert "Secret" not in outgoing.outbox[0].body


def test_digest_shows_fifty() -> None:
    ann = scene.person("Ann")
    with after(-1):
        for n in range(52):
            tell(ann, f"Number {n}")
    with after(0):
        digest.send_digests()
    body = outgoing.outbox[0].body
    assert (body.count("Number "), "… and 2 more." in body) == (50, True)


def test_mail_writes_no_header_of_anybodys_choosing() -> None:
    mail.send(scene.person("Ann"), "Acme\r\nBcc: thief@example.com", "text")
    assert outgoing.outbox[0].subject == "Acme Bcc: thief@example.com"
    assert outgoing.outbox[0].recipients() == ["ann@example.com"]


def run_digests() -> None:
    with after(0):
        digest.send_digests()


def at_once(function: Any, threads: int = 3) -> None:
    """Run the function in several threads at the same time, each with a connection of its own."""
    start = Barrier(threads)

    def run() -> None:
        try:
            start.wait()
            function()
        finally:
            connections.close_all()

    running = [Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(30)


def crowd() -> list[User]:
    people = [scene.person(f"P{n}") for n in range(8)]
    with after(-1):
        for person in people:
            tell(person, "Hello")
            tell(person, "Again")
    return people


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_two_runs_send_a_digest_once() -> None:
    people = crowd()
    at_once(run_digests)
    assert sorted(message.to for message in outgoing.outbox) == [[person.email] for person in people]


@pytest.mark.control
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_control_without_the_claim_digests_are_sent_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    people = crowd()

    def unclaimed(person: User, due: datetime) -> list[Notification]:
        rows = list(Notification.objects.filter(recipient=person).undigested())
        time.sleep(0.05)
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(digested_at=clocks.now())
        return rows

    monkeypatch.setattr(digest, "_claim", unclaimed)
    at_once(run_digests)
    assert len(outgoing.outbox) > len(people)
