"""ALG-2.1 as a table: which activities show that the buyer is engaged."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.actions.activities import qualifies
from accounts.enums import ActivityKind, ActivityOutcome, Direction

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PLAIN: dict[str, Any] = {
    "direction": "none",
    "outcome": "done",
    "duration_s": None,
    "occurred_at": NOW,
    "now": NOW,
    "attendees": 0,
}


@pytest.mark.parametrize(
    ("activity", "counts"),
    [
        ({"kind": "meeting", "outcome": "held", "attendees": 1}, True),
        ({"kind": "meeting", "outcome": "held", "attendees": 0}, False),
        ({"kind": "meeting", "outcome": "planned", "attendees": 3}, False),
        ({"kind": "meeting", "outcome": "no_show", "attendees": 3}, False),
        ({"kind": "meeting", "outcome": "cancelled", "attendees": 3}, False),
        ({"kind": "meeting", "outcome": "held", "attendees": 1, "duration_s": 1}, True),
        ({"kind": "call", "outcome": "connected", "duration_s": 120}, True),
        ({"kind": "call", "outcome": "connected", "duration_s": 119, "attendees": 9}, False),
        ({"kind": "call", "outcome": "connected"}, False),
        ({"kind": "call", "outcome": "connected", "duration_s": 120, "direction": "inbound"}, True),
        ({"kind": "call", "outcome": "left_message", "duration_s": 600}, False),
        ({"kind": "call", "outcome": "no_answer", "duration_s": 600, "direction": "inbound"}, False),
        ({"kind": "email", "direction": "inbound"}, True),
        ({"kind": "email", "direction": "outbound", "attendees": 4}, False),
        ({"kind": "message", "direction": "inbound"}, True),
        ({"kind": "message", "direction": "outbound"}, False),
        ({"kind": "portal", "direction": "inbound"}, True),
        ({"kind": "signature", "direction": "inbound"}, True),
        ({"kind": "note", "direction": "inbound", "attendees": 4, "duration_s": 900}, False),
    ],
)
def test_activity_qualifies_as_alg_2_1_says(activity: dict[str, Any], counts: bool) -> None:
    assert qualifies(**{**PLAIN, **activity}) is counts
    later = NOW + timedelta(seconds=1)
    assert qualifies(**{**PLAIN, **activity, "occurred_at": later}) is False


@given(
    outcome=st.sampled_from(ActivityOutcome.values),
    direction=st.sampled_from(Direction.values),
    duration_s=st.none() | st.integers(0, 90_000),
    attendees=st.integers(0, 5),
)
def test_note_never_qualifies(outcome: str, direction: str, duration_s: int | None, attendees: int) -> None:
    said = {"outcome": outcome, "direction": direction, "duration_s": duration_s, "attendees": attendees}
    assert not qualifies(**{**PLAIN, **said, "kind": ActivityKind.NOTE})
