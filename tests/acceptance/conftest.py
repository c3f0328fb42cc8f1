"""What the acceptance tests share."""

import math

import pytest

from revops.kernel.people.access import organisation
from tests.cast import cast, cast_of_module, committed_cast, organisation_at_once

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_world"]


@pytest.fixture(autouse=True)
def settled_world(
    request: pytest.FixtureRequest, organisation_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep one copy of the organisation for a test in a world: nobody there changes role, team or manager."""
    if "world" in request.fixturenames:
        request.getfixturevalue("world")
        monkeypatch.setattr(organisation, "CHECK_EVERY", math.inf)
