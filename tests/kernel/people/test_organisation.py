"""Teams, memberships, reporting lines, queues: their shape, and what is refused."""

from datetime import timedelta

import pytest

from accounts.actions import create_account
from accounts.models import Account
from revops.kernel import audit, clocks
from revops.kernel.people import access, actions, queries
from revops.kernel.people.access import organisation
from revops.kernel.people.models import Availability, QueueMembership, ReportingLine, Team, TeamMembership
from tests.cast import Cast
from tests.evidence import unchanged


def codes(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[tuple[str, str]]:
    return [(finding.code, finding.field) for finding in refusal.value.findings]


def test_team_under_itself_is_refused(cast: Cast) -> None:
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.edit_team(
            by=cast.ada, pk=cast.teams["Revenue"].pk, parent=cast.teams["East"], manager=cast.vera
        )
    assert codes(refusal) == [("PPL-022", "parent")]


def test_team_moves_in_the_tree_and_its_managers_see_it_at_once(cast: Cast) -> None:
    charlies = create_account(by=cast.charlie, values={"name": "Westfield"})
    assert list(Account.objects.visible_to(cast.mona)) == []
    actions.edit_team(by=cast.rita, pk=cast.teams["West"].pk, parent=cast.teams["East"], manager=cast.marco)
    assert list(Account.objects.visible_to(cast.mona)) == [charlies]


@pytest.mark.parametrize("name", ["", "  ", "East", " East ", "x" * 121, "a\x00b", "a\u202eb", "\u200b"])
def test_team_name_that_is_empty_taken_long_or_invisible_is_refused(cast: Cast, name: str) -> None:
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.create_team(by=cast.ada, name=name)
    assert [finding.field for finding in refusal.value.findings] == ["name"]


@pytest.mark.parametrize(
    ("code", "name"), [("", "x"), ("R\x00", "x"), ("ROW", ""), ("ROW", "x" * 121), ("ROW", "a\u202eb")]
)
def test_territory_code_and_name_are_checked(cast: Cast, code: str, name: str) -> None:
    with pytest.raises(audit.Blocked), unchanged():
        actions.create_territory(by=cast.rita, code=code, name=name)


def test_territory_falls_to_a_person_or_a_queue_but_not_to_both(cast: Cast) -> None:
    with pytest.raises(audit.Blocked) as refusal:
        actions.create_territory(
            by=cast.rita, code="ROW", name="Rest", default_owner=cast.alice, default_queue=cast.unassigned
        )
    assert codes(refusal) == [("PPL-025", "default_queue")]


@pytest.mark.parametrize(("name", "key"), [("", "q"), ("Q", "a b"), ("Q\x00", "q"), ("Q", "west-inbound")])
def test_queue_name_and_key_are_checked(cast: Cast, name: str, key: str) -> None:
    with pytest.raises(audit.Blocked), unchanged():
        actions.create_queue(by=cast.rita, name=name, key=key)


@pytest.mark.parametrize("key", ["alice", "mona", "fin", "otto"])
def test_organisation_is_shaped_by_operations_and_administrators_only(cast: Cast, key: str) -> None:
    by = cast.people[key]
    with unchanged():
        for attempt in (
            lambda: actions.create_team(by=by, name="Mine"),
            lambda: actions.edit_team(by=by, pk=cast.teams["West"].pk, parent=None, manager=by),
            lambda: actions.create_queue(by=by, name="Mine"),
            lambda: actions.staff_queue(by=by, queue=cast.west_queue, user=by),
            lambda: actions.unstaff_queue(by=by, queue=cast.west_queue, user=cast.charlie),
            lambda: actions.create_territory(by=by, code="X", name="X"),
            lambda: actions.define_custom_role(by=by, code="mine", name="M", grants={}, reason="why not"),
        ):
            with pytest.raises(access.Forbidden):
                attempt()


def test_home_team_is_one_at_a_time_and_dated(cast: Cast) -> None:
    actions.move_to_team(by=cast.rita, user=cast.alice, team=cast.teams["West"])
    rows = TeamMembership.objects.filter(user=cast.alice).order_by("active_from").values_list("team__name")
    assert list(rows) == [("East",), ("West",)]
    assert TeamMembership.objects.get(user=cast.alice, active_to=None).team == cast.teams["West"]
    assert organisation.current().home_team[cast.alice.pk] == cast.teams["West"].pk


def test_move_to_team_takes_ones_records_along(cast: Cast) -> None:
    hers = create_account(by=cast.alice, values={"name": "Northwind"})
    bobs = create_account(by=cast.bob, values={"name": "Bobcat"})
    assert set(Account.objects.visible_to(cast.bob)) == {hers, bobs}
    actions.move_to_team(by=cast.rita, user=cast.alice, team=cast.teams["West"])
    assert list(Account.objects.visible_to(cast.bob)) == [bobs]
    assert list(Account.objects.visible_to(cast.charlie)) == [hers]
    hers.refresh_from_db()
    assert (hers.team, hers.owner, hers.version) == (cast.teams["West"], cast.alice, 2)


def test_reporting_line_in_a_circle_is_refused(cast: Cast) -> None:
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.set_manager(by=cast.ada, user=cast.vera, manager=cast.alice)
    assert codes(refusal) == [("PPL-011", "manager")]
    with pytest.raises(audit.Blocked) as refusal:
        actions.set_manager(by=cast.ada, user=cast.vera, manager=cast.vera)
    assert codes(refusal) == [("PPL-011", "manager")]


def test_reporting_line_changes_who_sees_what(cast: Cast) -> None:
    hers = create_account(by=cast.alice, values={"name": "Northwind"})
    actions.set_manager(by=cast.ada, user=cast.alice, manager=cast.marco)
    assert list(Account.objects.visible_to(cast.marco)) == [hers]
    assert organisation.current().subtree(cast.marco.pk) == {
        cast.marco.pk,
        cast.alice.pk,
        cast.charlie.pk,
    }
    assert ReportingLine.objects.filter(user=cast.alice, active_to=None).get().manager == cast.marco


def test_queue_keeps_its_last_member_while_it_holds_records(cast: Cast) -> None:
    create_account(by=cast.rita, values={"name": "Queued", "queue": cast.west_queue.pk})
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.unstaff_queue(by=cast.rita, queue=cast.west_queue, user=cast.charlie)
    assert codes(refusal) == [("PPL-024", "user")]
    actions.staff_queue(by=cast.rita, queue=cast.west_queue, user=cast.marco)
    actions.unstaff_queue(by=cast.rita, queue=cast.west_queue, user=cast.charlie)
    members = QueueMembership.objects.filter(queue=cast.west_queue, active_to=None)
    assert [member.user for member in members] == [cast.marco]


def test_queue_is_staffed_once_by_one_person(cast: Cast) -> None:
    with pytest.raises(audit.Blocked) as refusal, unchanged():
        actions.staff_queue(by=cast.rita, queue=cast.west_queue, user=cast.charlie)
    assert codes(refusal) == [("PPL-023", "user")]


def test_empty_queue_is_not_offered(cast: Cast) -> None:
    assert list(queries.staffed_queues()) == [cast.unassigned, cast.west_queue]
    actions.unstaff_queue(by=cast.rita, queue=cast.west_queue, user=cast.charlie)
    assert list(queries.staffed_queues()) == [cast.unassigned]


@pytest.mark.parametrize(
    ("by", "user", "may"),
    [
        ("alice", "alice", True),
        ("alice", "bob", False),
        ("mona", "alice", True),
        ("mona", "charlie", False),
        ("rita", "charlie", True),
        ("ada", "charlie", True),
        ("fin", "fin", True),
        ("otto", "alice", False),
        ("otto", "otto", False),
    ],
)
def test_availability_is_ones_own_ones_managers_and_operations_affair(
    cast: Cast, by: str, user: str, may: bool
) -> None:
    now = clocks.now()

    def attempt() -> Availability:
        return actions.set_availability(
            by=cast.people[by],
            user=cast.people[user],
            active_from=now,
            active_to=now + timedelta(days=3),
            kind="vacation",
        )

    if may:
        absence = attempt()
        assert list(queries.absences(cast.people[user])) == [absence]
        assert list(queries.absences(cast.dan)) == []
    else:
        with pytest.raises((access.Forbidden, type(cast.alice).DoesNotExist)), unchanged():
            attempt()


@pytest.mark.parametrize(("days", "kind", "code"), [(0, "sick", "PPL-027"), (1, "party", "PPL-026")])
def test_availability_is_checked(cast: Cast, days: int, kind: str, code: str) -> None:
    now = clocks.now()
    with pytest.raises(audit.Blocked) as refusal:
        actions.set_availability(
            by=cast.alice, user=cast.alice, active_from=now, active_to=now + timedelta(days=days), kind=kind
        )
    assert [finding.code for finding in refusal.value.findings] == [code]


def test_places_tell_where_people_stand_in_a_constant_number_of_queries(
    cast: Cast, settled_organisation: None, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(3):  # type: ignore[operator]
        few = queries.places(queries.visible_users(cast.alice))
    with django_assert_num_queries(3):  # type: ignore[operator]
        many = queries.places(queries.visible_users(cast.mona))
    assert few == [queries.Place(cast.alice, ("AE",), "East", "Mona")]
    assert [(place.user, place.manager) for place in many] == [
        (cast.alice, "Mona"),
        (cast.bob, "Mona"),
        (cast.mona, "Dora"),
        (cast.sam, "Mona"),
        (cast.sven, "Mona"),
    ]


def test_team_that_is_unknown_to_the_asker_is_still_named(cast: Cast) -> None:
    assert set(Team.objects.visible_to(cast.alice)) == set(cast.teams.values())
