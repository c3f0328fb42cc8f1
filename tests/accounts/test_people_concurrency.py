"""Two people bring in the same person at the same moment. The control shows the fault without the second look."""

from typing import Any

import pytest
from django.db import IntegrityError, connection

from accounts.actions import add_email, create_contact, create_lead, edit_contact, edit_lead
from accounts.actions.contacts import drafts as contact_drafts
from accounts.actions.leads import drafts as lead_drafts
from accounts.models import Contact, ContactEmail, Lead
from revops.kernel import audit
from tests.cast import Cast
from tests.evidence import ledger_faults
from tests.meeting import Meeting, kinds, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
CONTACT = {"last_name": "Gonzalez", "email": "rose@edge.com"}
LEAD = {"last_name": "Boxer", "company": "Farmers", "source_original": "web", "email": "bertha@fcof.net"}


@pytest.fixture
def postgres() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: the second never meets the first")


def meet(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    monkeypatch.setattr(module, "check_addresses", Meeting().after(module.check_addresses))


def two(cast: Cast, create: Any, values: dict[str, Any]) -> list[Any]:
    return together(*[lambda by=by: create(by=by, values=values) for by in (cast.alice, cast.charlie)])


def test_same_contact_at_the_same_moment_is_told_to_the_slower(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet(monkeypatch, contact_drafts)
    results = two(committed_cast, create_contact, CONTACT)
    assert kinds(results) == ["Blocked", "ok"]
    (refusal,) = [one for one in results if isinstance(one, audit.Blocked)]
    assert [finding.code for finding in refusal.findings] == ["CON-012"]
    assert (Contact.objects.count(), ContactEmail.objects.count()) == (1, 1)
    assert ledger_faults() == []


@pytest.mark.control
def test_same_contact_without_the_second_look_is_an_error_of_the_database(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet(monkeypatch, contact_drafts)
    results = two(committed_cast, create_contact.__wrapped__, CONTACT)  # type: ignore[attr-defined]
    assert kinds(results) == ["IntegrityError", "ok"]
    assert any(isinstance(result, IntegrityError) for result in results)


def test_same_lead_at_the_same_moment_is_told_to_the_slower(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet(monkeypatch, lead_drafts)
    results = two(committed_cast, create_lead, LEAD)
    assert kinds(results) == ["Blocked", "ok"]
    (refusal,) = [one for one in results if isinstance(one, audit.Blocked)]
    assert [finding.code for finding in refusal.findings] == ["LEA-012"]
    assert Lead.objects.count() == 1


@pytest.mark.control
def test_same_lead_without_the_second_look_is_an_error_of_the_database(
    postgres: None, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet(monkeypatch, lead_drafts)
    results = two(committed_cast, create_lead.__wrapped__, LEAD)  # type: ignore[attr-defined]
    assert kinds(results) == ["IntegrityError", "ok"]


def test_same_address_is_added_to_one_of_two_contacts(committed_cast: Cast) -> None:
    cast = committed_cast
    made = [create_contact(by=cast.alice, values={"last_name": name}) for name in ("One", "Two")]
    results = together(
        *[lambda pk=one.pk: add_email(by=cast.alice, pk=pk, email="rose@edge.com") for one in made]
    )
    assert kinds(results) == ["Blocked", "ok"]
    assert ContactEmail.objects.filter(is_active=True).count() == 1


def test_stale_edit_of_a_person_loses_whoever_is_faster(committed_cast: Cast) -> None:
    cast = committed_cast
    contact = create_contact(by=cast.alice, values=CONTACT)
    lead = create_lead(by=cast.alice, values=LEAD)
    for edit, pk in ((edit_contact, contact.pk), (edit_lead, lead.pk)):
        results = together(
            *[
                lambda f=field, e=edit, p=pk: e(by=cast.alice, pk=p, changes={f: "Changed"}, version=1)
                for field in ("title", "first_name")
            ]
        )
        assert kinds(results) == ["Conflict", "ok"]
