"""Who sees a record, asked from the record's side, is who finds it, asked from their own."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.actions import assign_account, create_contact, create_lead, edit_account, log_activity
from accounts.models import Account
from opportunities.models import OppContactRole
from revops.kernel.people import access, actions
from tests.cast import Cast
from tests.opportunities.conftest import open_deal

pytestmark = pytest.mark.django_db
WHY = "She knows their procurement best of all"


def an_account(cast: Cast) -> Any:
    deal = open_deal(cast)
    return Account.objects.get(pk=deal.account_id)


def an_account_with_a_success_manager(cast: Cast) -> Any:
    held = an_account(cast)
    return assign_account(by=cast.rita, pk=held.pk, owner=cast.carla, role="csm", reason=WHY)


def a_contact_of_such_an_account(cast: Cast) -> Any:
    held = an_account_with_a_success_manager(cast)
    return create_contact(by=cast.alice, values={"last_name": "Berg", "account": held.pk})


def a_partner_s_account(cast: Cast) -> Any:
    return edit_account(by=cast.rita, pk=an_account(cast).pk, changes={"status": "partner"})


def a_lead(cast: Cast) -> Any:
    return create_lead(
        by=cast.sam,
        values={
            "last_name": "Roe",
            "company": "Roe Ltd",
            "source_original": "web",
            "email": "jo@roe.example",
        },
    )


def a_deal(cast: Cast) -> Any:
    return open_deal(cast)


def an_activity_of_somebody_who_moved(cast: Cast) -> Any:
    held = an_account(cast)
    note = log_activity(by=cast.alice, values={"kind": "note", "subject": "Words", "account": held.pk})
    actions.move_to_team(by=cast.ada, user=cast.alice, team=cast.teams["West"])
    return note


@pytest.mark.parametrize(
    "make",
    [
        an_account,
        an_account_with_a_success_manager,
        a_contact_of_such_an_account,
        a_partner_s_account,
        a_lead,
        a_deal,
        an_activity_of_somebody_who_moved,
    ],
)
def test_viewers_are_those_who_find_the_record(cast: Cast, make: Callable[[Cast], Any]) -> None:
    record = make(cast)
    model = type(record)
    named = {one.person for one in access.viewers(record)}
    finds = {
        user.pk
        for user in cast.people.values()
        if model.objects.visible_to(user).filter(pk=record.pk).exists()
    }
    assert named == finds
    assert named


def test_who_was_deactivated_sees_nothing_any_more(cast: Cast) -> None:
    record = an_account(cast)
    assert cast.bob.pk in {one.person for one in access.viewers(record)}
    actions.deactivate_user(by=cast.ada, user=cast.bob, reason="Bob left the company")
    assert cast.bob.pk not in {one.person for one in access.viewers(record)}


def test_each_viewer_is_told_by_the_nearest_reason(cast: Cast) -> None:
    record = an_account_with_a_success_manager(cast)
    why = {one.person: one.why for one in access.viewers(record)}
    assert [
        why[person.pk] for person in (cast.alice, cast.carla, cast.bob, cast.mona, cast.lena, cast.otto)
    ] == [
        "Owns it",
        "On it as customer success manager",
        "On the team that holds it",
        "Manages those who hold it",
        "Manages those who hold it",
        "Through the role Auditor",
    ]


def test_viewers_of_a_part_are_those_of_its_whole(cast: Cast) -> None:
    deal = open_deal(cast)
    part = OppContactRole(opportunity=deal, role="user")
    seen = {one.person for one in access.viewers(part)}
    assert cast.alice.pk in seen
    assert cast.charlie.pk not in seen
