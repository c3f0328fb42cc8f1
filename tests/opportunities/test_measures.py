"""The ratios over the API: what they mean, their cells within one's scope, and the records behind each cell."""

from collections.abc import Iterator

import pytest

from revops.kernel import clocks
from tests.cast import Cast
from tests.opportunities.laid import NOW, lay_deals
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db
ONE = "/api/v1/metrics/idle_opps_pct/"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clocks.at(NOW):
        yield


def test_ratios_are_told_to_who_sees_their_records(cast: Cast):
    told = {one["key"]: one for one in Browser(cast.alice).get("/api/v1/metrics/").json()["results"]}
    assert told["idle_opps_pct"]["record_type"] == "opportunities"
    assert (told["idle_opps_pct"]["green"], told["idle_opps_pct"]["better"]) == ("15", "low")
    seen = Browser(cast.priya).get("/api/v1/metrics/").json()["results"]
    assert {one["record_type"] for one in seen} == {"clocks"}
    assert Browser(cast.priya).get(ONE).status_code == 404
    assert Browser(cast.alice).get("/api/v1/metrics/no_such/").status_code == 404


def test_cells_stay_within_scope_and_open_their_records(cast: Cast):
    lay_deals(cast, 40)
    browser = Browser(cast.alice)
    cells = browser.get(ONE, {"by": "owner"}).json()["cells"]
    assert {cell["group"]["owner"] for cell in cells} == {cast.alice.pk, cast.bob.pk}
    for cell in cells:
        for part, expected in (("in", cell["numerator"]), ("all", cell["denominator"])):
            given = {
                "metric": "idle_opps_pct",
                "part": part,
                "owner": cell["group"]["owner"],
                "count": "exact",
            }
            assert browser.get("/api/v1/opportunities/", given).json()["count"] == expected


@pytest.mark.parametrize("query", ["by=amount", "by=owner,team,stage", "no_such=1"])
def test_what_does_not_fit_is_refused(cast: Cast, query: str):
    assert Browser(cast.alice).get(f"{ONE}?{query}").status_code == 400
