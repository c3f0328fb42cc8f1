"""A record is found with what everybody in a role sees of what it names, and asked for once while its page is read."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.models import Opportunity
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.web import preferences, properties
from tests.cast import Cast
from tests.opportunities.conftest import open_deal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("settled_organisation")]
DEALS = "opportunities.opportunity"


def joined(cast: Cast, who: str) -> set[str]:
    found = properties.find(registry.get(DEALS), cast.people[who], Opportunity.objects.get().pk)
    return {name for name, one in found._state.fields_cache.items() if one is not None}


def test_record_comes_with_what_its_reader_sees_all_of_and_with_nothing_else(cast: Cast) -> None:
    open_deal(cast)
    assert joined(cast, "alice") == {"owner", "team", "primary_product", "use_case"}
    assert joined(cast, "rita") == {"owner", "team", "primary_product", "use_case", "account"}


def test_title_of_what_one_does_not_see_is_not_told_though_it_is_in_hand(cast: Cast) -> None:
    deal = Opportunity.objects.select_related("account").get(pk=open_deal(cast).pk)
    kind = registry.get(DEALS)
    told = properties.Sheet(kind, deal, cast.charlie, preferences.of(cast.charlie)).titles
    assert told.get("account", {}) == {}
    assert list(told["primary_product"].values()) == ["Platform"]


def test_scope_of_a_record_that_was_found_is_asked_no_more_while_it_is_read(cast: Cast) -> None:
    deal = open_deal(cast)
    for who, asked in (("alice", 0), ("mona", 0), ("bob", 1)):
        with access.remembered():
            found = properties.find(registry.get(DEALS), cast.people[who], deal.pk)
            with CaptureQueriesContext(connection) as captured:
                may = access.allowed(cast.people[who], "transition", found)
        assert (len(captured), may) == (asked, who != "bob"), who


@pytest.mark.control
def test_outside_a_reading_what_a_record_in_hand_says_of_its_owner_is_not_believed(cast: Cast) -> None:
    deal = open_deal(cast)
    deal.owner = cast.bob  # in hand alone: nobody has written it
    assert not access.allowed(cast.bob, "transition", deal)
