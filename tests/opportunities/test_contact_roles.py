"""Contacts in a deal: who puts them in, in which role, and that there is one primary contact."""

from typing import Any

import pytest

from opportunities.actions import add_contact_role, edit_contact_role, remove_contact_role
from opportunities.models import OppContactRole, Opportunity
from opportunities.queries import opportunity as queries
from revops.kernel import audit
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from tests.cast import Cast
from tests.evidence import unchanged
from tests.opportunities.conftest import codes
from tests.opportunities.people import make_contact


def add(cast: Cast, deal: Opportunity, who: str = "Ann", by: str = "alice", **values: Any) -> OppContactRole:
    contact = make_contact(cast, who)
    given = {"opportunity": deal.pk, "contact": contact.pk, "role": "champion", **values}
    return add_contact_role(by=cast.people[by], values=given)


def test_contact_is_put_in_with_its_role(cast: Cast, deal: Opportunity) -> None:
    role = add(cast, deal, influence="3", is_primary="true")
    assert (role.role, role.influence, role.is_primary, role.is_active) == ("champion", 3, True, True)
    assert OutboxEvent.objects.get(type="opportunity.contact_added").payload == {
        "opportunity": deal.pk,
        "contact": role.contact_id,
        "role": "champion",
    }


def test_new_primary_contact_takes_the_place_of_the_old(cast: Cast, deal: Opportunity) -> None:
    first, second = add(cast, deal, is_primary=True), add(cast, deal, "Ben", is_primary=True)
    first.refresh_from_db()
    assert (first.is_primary, second.is_primary) == (False, True)
    edit_contact_role(by=cast.alice, pk=first.pk, changes={"is_primary": True})
    primary = OppContactRole.objects.filter(is_primary=True).values_list("pk", flat=True)
    assert list(primary) == [first.pk]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"influence": "4"}, [("OPP-062", "influence")]),
        ({"influence": "0"}, [("OPP-062", "influence")]),
        ({"role": ""}, [("OPP-061", "role")]),
        ({"role": "friend"}, [("VAL-002", "role")]),
        ({"contact": 999_999}, [("OPP-003", "contact")]),
        ({"opportunity": 999_999}, [("OPP-003", "opportunity")]),
    ],
)
def test_value_that_does_not_fit_is_refused(
    cast: Cast, deal: Opportunity, values: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    contact = make_contact(cast, "Ann")
    given = {"opportunity": deal.pk, "contact": contact.pk, "role": "champion", **values}
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        add_contact_role(by=cast.alice, values=given)
    assert codes(refusal) == found


def test_contact_is_once_in_a_role(cast: Cast, deal: Opportunity) -> None:
    role = add(cast, deal)
    again = {"opportunity": deal.pk, "contact": role.contact_id, "role": "champion"}
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        add_contact_role(by=cast.alice, values=again)
    assert codes(refusal) == [("OPP-063", "contact")]
    other = add_contact_role(by=cast.alice, values={**again, "role": "user"})
    with unchanged(), pytest.raises(audit.Blocked):
        edit_contact_role(by=cast.alice, pk=other.pk, changes={"role": "champion"})


def test_contact_taken_out_may_come_back(cast: Cast, deal: Opportunity) -> None:
    role = add(cast, deal, is_primary=True)
    gone = remove_contact_role(by=cast.alice, pk=role.pk)
    assert (gone.is_active, gone.is_primary) == (False, False)
    assert OutboxEvent.objects.filter(type="opportunity.contact_removed").count() == 1
    again = {"opportunity": deal.pk, "contact": role.contact_id, "role": "champion"}
    assert add_contact_role(by=cast.alice, values=again).pk != role.pk


def test_who_does_not_own_the_deal_puts_nobody_in(cast: Cast, deal: Opportunity) -> None:
    role = add(cast, deal)
    values = {"opportunity": deal.pk, "contact": role.contact_id, "role": "user"}
    for name in ("bob", "mona", "rita", "sven", "otto"):
        with unchanged(), pytest.raises(access.Forbidden):
            add_contact_role(by=cast.people[name], values=values)
    for name in ("bob", "mona", "rita"):
        with unchanged(), pytest.raises(access.Forbidden):
            edit_contact_role(by=cast.people[name], pk=role.pk, changes={"role": "user"})
    with unchanged(), pytest.raises(OppContactRole.DoesNotExist):
        edit_contact_role(by=cast.charlie, pk=role.pk, changes={"role": "user"})


def test_stale_edit_is_a_conflict(cast: Cast, deal: Opportunity) -> None:
    role = add(cast, deal)
    edit_contact_role(by=cast.alice, pk=role.pk, changes={"role": "user"})
    with unchanged(), pytest.raises(audit.Conflict):
        edit_contact_role(by=cast.alice, pk=role.pk, changes={"role": "blocker"}, version=1)


def test_panel_names_only_contacts_that_one_sees(cast: Cast, deal: Opportunity) -> None:
    add(cast, deal)
    hidden = make_contact(cast, "Zed", owner="charlie")
    with audit.change(by=cast.rita, action="test.role"):
        audit.write(OppContactRole(opportunity=deal, contact=hidden, role="user", is_primary=True))
    people = queries.contact_roles(deal, cast.alice)
    assert [one.contact.name if one.contact else None for one in people.rows] == [None, "Ann"]
    assert people.may_add
    assert not queries.contact_roles(deal, cast.bob).may_add
