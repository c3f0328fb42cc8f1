"""Saved views: who keeps, changes, shares, pins and archives which (A23), and what a list opens with."""

from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from revops.kernel.audit import Blocked, Conflict
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.people import access
from revops.kernel.people import actions as people
from revops.kernel.people.models import CustomRole
from revops.kernel.records.models import SavedView, ViewPin, ViewShare
from revops.kernel.records.views import actions, queries
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ACCOUNTS = "accounts.account"
CONTENT = {"columns": ["name", "owner"], "sort": "-name", "filters": {"status": "customer"}}


def keep(by: Any, name: str = "Customers", **content: Any) -> SavedView:
    return actions.create_view(by=by, record_type="accounts", name=name, content=content or CONTENT)


def shared(by: Any, *roles: str, name: str = "Customers") -> SavedView:
    return actions.share_view(by=by, pk=keep(by, name).pk, roles=roles)


def names(user: Any) -> list[str]:
    return [view.name for view in queries.in_use(ACCOUNTS, user)]


def test_view_is_kept_for_oneself_and_audited(cast: Cast):
    view = keep(cast.alice, "  My   customers ")
    assert (view.name, view.record_type, view.layout, view.version) == ("My customers", ACCOUNTS, "list", 1)
    assert view.content["filters"] == {"status": "customer"}
    assert ChangeEvent.objects.filter(action="view.create", actor=cast.alice).count() == 1
    assert [names(cast.alice), names(cast.bob), names(cast.rita)] == [["My customers"], [], []]


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"name": " "}, ["name"]),
        ({"layout": "heap"}, ["layout"]),
        ({"content": {"bogus": 1}}, ["content.bogus"]),
        ({"content": {"widths": {"name": 5}}}, ["content.widths.name"]),
        (
            {"name": "", "content": {"columns": ["bogus"], "filters": {"nothing": "1"}}},
            ["columns", "name", "nothing"],
        ),
    ],
)
def test_view_is_refused_with_every_finding(cast: Cast, given: dict[str, Any], fields: list[str]):
    with pytest.raises(Blocked) as refused:
        actions.create_view(by=cast.alice, **{"record_type": "accounts", "name": "A", "content": {}} | given)
    assert sorted(finding.field for finding in refused.value.findings) == fields
    assert SavedView.objects.count() == 0


def test_list_out_of_sight_has_no_views(cast: Cast):
    with pytest.raises(LookupError):
        keep(cast.priya)


def test_stale_edit_is_a_conflict(cast: Cast):
    view = keep(cast.alice)
    actions.edit_view(by=cast.alice, pk=view.pk, name="Second", version=1)
    with pytest.raises(Conflict):
        actions.edit_view(by=cast.alice, pk=view.pk, name="Third", version=1)


# Who does what with a view that Mona shares with AEs: its owner, an editor's role, whom it is shared with, a stranger.
DEEDS: dict[str, Any] = {
    "update": lambda by, pk: actions.edit_view(by=by, pk=pk, name="Changed"),
    "delete": lambda by, pk: actions.archive_view(by=by, pk=pk),
    "share": lambda by, pk: actions.share_view(by=by, pk=pk, roles=["everyone"]),
    "make default": lambda by, pk: actions.set_default(by=by, pk=pk, roles=["AE"]),
    "pin": lambda by, pk: actions.pin_view(by=by, pk=pk),
}
DONE, FORBIDDEN, ABSENT = None, access.Forbidden, ObjectDoesNotExist
A23 = {
    ("mona", "update"): DONE,
    ("mona", "delete"): DONE,
    ("mona", "share"): DONE,
    ("mona", "make default"): DONE,
    ("mona", "pin"): DONE,
    ("olga", "update"): DONE,
    ("olga", "delete"): DONE,
    ("olga", "share"): DONE,
    ("olga", "make default"): DONE,
    ("olga", "pin"): DONE,
    ("charlie", "update"): FORBIDDEN,
    ("charlie", "delete"): FORBIDDEN,
    ("charlie", "share"): FORBIDDEN,
    ("charlie", "make default"): FORBIDDEN,
    ("charlie", "pin"): DONE,
    ("marco", "update"): ABSENT,
    ("marco", "delete"): ABSENT,
    ("marco", "share"): ABSENT,
    ("marco", "make default"): ABSENT,
    ("marco", "pin"): ABSENT,
    ("ada", "update"): ABSENT,
    ("ada", "share"): ABSENT,
}


def outcome(by: Any, deed: str, pk: int) -> Any:
    try:
        DEEDS[deed](by, pk)
    except (access.Forbidden, ObjectDoesNotExist) as refused:
        return access.Forbidden if isinstance(refused, access.Forbidden) else ObjectDoesNotExist
    return None


def test_a23_shared_views_are_changed_by_owner_and_operations_alone(cast: Cast):
    for (who, deed), expected in A23.items():
        view = shared(cast.mona, "AE")
        before = (SavedView.objects.get(pk=view.pk).version, ViewShare.objects.filter(view=view).count())
        assert outcome(cast.people[who], deed, view.pk) is expected, (who, deed)
        if expected is not DONE:
            now = (SavedView.objects.get(pk=view.pk).version, ViewShare.objects.filter(view=view).count())
            assert (now, ViewPin.objects.filter(view=view).count()) == (before, 0), (who, deed)


@pytest.mark.control
def test_a23_goes_red_where_sight_is_not_asked(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    view = shared(cast.mona, "AE")
    monkeypatch.setattr(type(SavedView.objects.all()), "visible_to", lambda self, user: self)
    monkeypatch.setattr(access, "require_edit", lambda *given: None)
    assert outcome(cast.marco, "update", view.pk) is not A23["marco", "update"]


def test_private_view_is_out_of_operations_sight(cast: Cast):
    view = keep(cast.alice)
    assert {outcome(cast.rita, deed, view.pk) for deed in DEEDS} == {ABSENT}


def test_who_may_not_share_keeps_views_alone(cast: Cast):
    view = keep(cast.alice)
    assert outcome(cast.alice, "share", view.pk) is FORBIDDEN
    assert names(cast.bob) == []


def test_sharing_is_replaced_as_a_whole(cast: Cast):
    view = shared(cast.mona, "AE", "SALES_MGR")
    assert [names(cast.charlie), names(cast.marco), names(cast.sam)] == [["Customers"], ["Customers"], []]
    actions.share_view(by=cast.mona, pk=view.pk, roles=["SDR"])
    assert [names(cast.charlie), names(cast.marco), names(cast.sam)] == [[], [], ["Customers"]]
    actions.share_view(by=cast.mona, pk=view.pk, roles=[])
    assert [names(cast.mona), names(cast.sam), names(cast.rita)] == [["Customers"], [], []]


def test_view_is_shared_with_a_custom_role(cast: Cast):
    people.define_custom_role(
        by=cast.ada, code="CLERK", name="Clerk", grants={ACCOUNTS: {"view": "A"}}, reason="For this test"
    )
    assert CustomRole.objects.count() == 1
    clerk = people.create_user(by=cast.ada, email="clerk@example.com", name="Clerk", roles=["CLERK"])
    shared(cast.mona, "CLERK")
    assert names(clerk) == ["Customers"]


def test_unknown_roles_are_refused(cast: Cast):
    view = keep(cast.mona)
    with pytest.raises(Blocked) as refused:
        actions.share_view(by=cast.mona, pk=view.pk, roles=["AE", "KING", "QUEEN"])
    assert [finding.found for finding in refused.value.findings] == ["KING", "QUEEN"]
    with pytest.raises(Blocked) as unshared:
        actions.set_default(by=cast.mona, pk=view.pk, roles=["AE"])
    assert [finding.code for finding in unshared.value.findings] == ["VIEW-005"]


def opens_with(user: Any) -> str:
    view = queries.default(queries.tabs(ACCOUNTS, user))
    return view.name if view else ""


def test_role_has_one_default_and_the_newest_wins(cast: Cast):
    first, second = shared(cast.mona, "AE", name="First"), shared(cast.rita, "everyone", "AE", name="Second")
    actions.set_default(by=cast.mona, pk=first.pk, roles=["AE"])
    assert [opens_with(cast.alice), opens_with(cast.sam)] == ["First", ""]
    actions.set_default(by=cast.rita, pk=second.pk, roles=["AE", "everyone"])
    assert [opens_with(cast.alice), opens_with(cast.sam)] == ["Second", "Second"]
    assert ViewShare.objects.filter(role="AE", is_default=True).count() == 1
    actions.archive_view(by=cast.rita, pk=second.pk)
    assert [opens_with(cast.alice), names(cast.alice)] == ["", ["First"]]
    actions.restore_view(by=cast.rita, pk=second.pk)
    assert [opens_with(cast.alice), names(cast.alice)] == ["", ["First", "Second"]]


def test_pinned_views_are_tabs_in_their_order_as_long_as_they_are_seen(cast: Cast):
    made = [shared(cast.mona, "AE", name=name) for name in ("One", "Two", "Three")]
    for view in made:
        actions.pin_view(by=cast.alice, pk=view.pk)
    actions.move_pin(by=cast.alice, pk=made[2].pk, step=-9)
    assert [tab.view.name for tab in queries.tabs(ACCOUNTS, cast.alice)] == ["Three", "One", "Two"]
    actions.unpin_view(by=cast.alice, pk=made[0].pk)
    actions.share_view(by=cast.mona, pk=made[1].pk, roles=["SDR"])
    assert [tab.view.name for tab in queries.tabs(ACCOUNTS, cast.alice)] == ["Three"]


def test_tabs_cost_one_query(cast: Cast, settled_organisation: None, django_assert_num_queries: Any):
    for count in (1, 3):
        for number in range(count):
            actions.pin_view(by=cast.alice, pk=shared(cast.mona, "AE", name=f"{count}.{number}").pk)
        with django_assert_num_queries(1):
            queries.tabs(ACCOUNTS, cast.alice)
