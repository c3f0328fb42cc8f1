"""The fingerprint of a content, and what differs from the one approved before, in words."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from revops.kernel.approvals import content

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("one", "other"), [
    ({"a": Decimal("10.00"), "b": 1}, {"b": Decimal("1.0"), "a": 10}),
    ({"a": NOON}, {"a": NOON.astimezone(timezone(timedelta(hours=5)))}),
    ({"a": {"x", "y"}}, {"a": ["x", "y"]}),
    ({"a": 1e2}, {"a": 100}),
])  # fmt: skip
def test_fingerprint_is_that_of_the_values(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert content.digest(one) == content.digest(other)


@pytest.mark.parametrize(("one", "other"), [
    ({"a": 1}, {"a": 2}),
    ({"a": None}, {"a": ""}),
    ({"a": None}, {}),
    ({"a": True}, {"a": 1}),
    ({"a": [1, 2]}, {"a": [2, 1]}),
    ({"a": date(2026, 1, 1)}, {"a": date(2026, 1, 2)}),
])  # fmt: skip
def test_fingerprint_differs_with_the_values(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert content.digest(one) != content.digest(other)


def test_content_that_is_no_plain_value_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="plain values, not object"):
        content.digest({"a": object()})


def test_lines_say_what_moved_since_the_last_approval() -> None:
    found = content.lines(
        {"terms": "net60", "discount": 12}, {"discount": "Discount"}, {"discount": "10", "terms": "net60"}
    )
    assert [(one.label, one.value, one.before, one.moved) for one in found] == [
        ("Discount", "12", "10", True),
        ("Terms", "net60", "net60", False),
    ]
