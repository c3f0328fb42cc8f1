"""The cast stands as its page says."""

import pytest

from revops.kernel.people import access, actions
from revops.kernel.people.access import organisation
from revops.kernel.people.enums import Role
from tests.cast import PARTS, Cast
from tests.evidence import unchanged


def test_cast_has_one_person_for_every_shipped_role(cast: Cast) -> None:
    assert {role: access.roles_of(cast.by_role(role)) for role in Role} == {
        role: frozenset({role}) for role in Role
    }


def test_cast_stands_in_teams_and_lines(cast: Cast) -> None:
    held = organisation.current()
    assert {key: held.home_team.get(cast.people[key].pk) for key in PARTS} == {
        key: cast.teams[team].pk if team else None for key, (_, team, _) in PARTS.items()
    }
    assert {key: held.manager_of.get(cast.people[key].pk) for key in PARTS} == {
        key: cast.people[manager].pk if manager else None for key, (_, _, manager) in PARTS.items()
    }


@pytest.mark.control
def test_unchanged_tells_a_written_row_even_after_a_refusal(cast: Cast) -> None:
    def write_and_refuse() -> None:
        actions.create_team(by=cast.ada, name="New")
        raise ValueError

    with pytest.raises(AssertionError), unchanged():
        write_and_refuse()
