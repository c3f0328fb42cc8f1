"""Requests for change, from the draft to the rollback."""

from datetime import datetime

import pytest

from governance.actions import rfcs
from governance.models import ChangeRequest
from revops.kernel import policies
from tests.cast import Cast
from tests.governance.conftest import Make

pytestmark = pytest.mark.django_db


def in_force(key: str = "opportunities.limit") -> tuple[int, int, str]:
    held = policies.get(key)
    return held.n, held.raw["limit"], held.authority


def test_request_goes_the_whole_way(cast: Cast, approved: Make) -> None:
    rfc = approved()
    assert (rfc.state, in_force()[:2]) == ("approved", (1, 10))
    live = rfcs.go_live(by=cast.rita, pk=rfc.pk)
    assert (live.state, in_force()) == ("live", (2, 20, rfc.number))
    back = rfcs.roll_back(by=cast.rita, pk=rfc.pk, reason="The refusals were twice what was foreseen")
    assert (back.state, in_force()) == ("rolled_back", (3, 10, rfc.number))
