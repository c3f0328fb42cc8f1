"""From what somebody typed to what a field holds: every kind, and every kind of bad input."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops.kernel.records import registry, values
from revops.kernel.records.registry import Field, FieldKind

CHOICES = (("new", "New"), ("old", "Old"))
FIELDS = {
    kind.value: Field(
        kind.value, kind.value.capitalize(), kind, choices=CHOICES if kind == FieldKind.CHOICE else ()
    )
    for kind in FieldKind
} | {"needed": Field("needed", "Needed", required=True)}


def read(name: str, given: Any) -> Any:
    """Return the value read, or the one finding against it."""
    cleaned = values.read(FIELDS, {name: given}, what="specimens")
    if cleaned.findings:
        assert cleaned.values == {}
        (finding,) = cleaned.findings
        assert (finding.code, finding.field) == ("VAL-002", name)
        assert finding.needed in finding.message
        return finding
    return cleaned.values[name]


@pytest.mark.parametrize(
    ("name", "given", "held"),
    [
        ("text", "  Acme  ", "Acme"),
        ("text", "e\u0301", "é"),
        ("text", "", ""),
        ("text", None, ""),
        ("text", "<b>&amp;'\"", "<b>&amp;'\""),
        ("text", "🙂", "🙂"),
        ("long_text", "a\r\nb\tc", "a\nb\tc"),
        ("choice", "new", "new"),
        ("choice", "", ""),
        ("boolean", True, True),
        ("boolean", "Yes", True),
        ("boolean", "off", False),
        ("boolean", "0", False),
        ("boolean", "", None),
        ("integer", "0", 0),
        ("integer", 2_147_483_647, 2_147_483_647),
        ("integer", "", None),
        ("integer", "１２", 12),
        ("money", "٣", Decimal(3)),
        ("money", "1250000.50", Decimal("1250000.50")),
        ("money", 12, Decimal(12)),
        ("money", "-0.0001", Decimal("-0.0001")),
        ("money", "99999999999999.9999", Decimal("99999999999999.9999")),
        ("money", "", None),
        ("date", "2026-03-31", date(2026, 3, 31)),
        ("date", date(1900, 1, 1), date(1900, 1, 1)),
        ("date", "", None),
        ("instant", "2026-03-31T09:00:00Z", datetime(2026, 3, 31, 9, tzinfo=UTC)),
        (
            "instant",
            "2026-03-31T09:00:00+05:30",
            datetime(2026, 3, 31, 9, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        ),
        ("reference", "17", 17),
        ("reference", 17, 17),
        ("reference", "", None),
        ("references", "17, 4,17,", [17, 4]),
        ("references", [17, "4", 17], [17, 4]),
        ("references", [], []),
        ("references", "", None),
        ("person", str(2**63 - 1), 2**63 - 1),
        ("url", "example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        ("url", "http://example.com", "http://example.com"),
        ("country", "de", "DE"),
        ("country", "NA", "NA"),
    ],
)
def test_value_that_fits_is_read(name: str, given: Any, held: Any) -> None:
    found = read(name, given)
    assert (found, type(found)) == (held, type(held))


INVISIBLE = [
    "\u200b",
    "a\u200bb",
    "a\x00b",
    "a\u202eb",
    "a\u2066b",
    "a\x07",
    "\ufeff",
    "\ud800",
    "a\x7f",
    "\u00ad",
]
EVERYWHERE = [[], {}, ["a"], {"a": 1}, b"bytes", object(), 1.5, math.nan, math.inf, (1,), {1, 2}]
BAD: dict[str, list[Any]] = {
    "text": [*INVISIBLE, *EVERYWHERE, "x" * 256, "x" * 1_000_000, 7, True, "\u0301", "a\nb"],
    "long_text": [*INVISIBLE, *EVERYWHERE, "x" * 1_000_001, 7, True],
    "choice": [*EVERYWHERE, "NEW", "new,old", "none", 1, True, "new\x00"],
    "percent": [*EVERYWHERE, "101", "-1", "1_0", "0.001", True],
    "boolean": [*EVERYWHERE, "maybe", 1, 0, 2, "2", "yes\x00"],
    "integer": [
        *EVERYWHERE,
        "1.0",
        "1,000",
        "1_000",
        "-1",
        -1,
        "2147483648",
        2**31,
        10**400,
        "9" * 250,
        "0x10",
        "1e3",
        "NaN",
        True,
        False,
        "²",
        "1\x00",
    ],
    "references": [
        {},
        {"a": 1},
        ["a"],
        b"bytes",
        object(),
        1.5,
        {1, 2},
        7,
        "1;2",
        "0",
        [True],
        list(range(1, 202)),
    ],
    "money": [
        *EVERYWHERE,
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1e999",
        "1e-999",
        "1_000",
        "1,000.50",
        "0.00001",
        "100000000000000",
        True,
        Decimal("NaN"),
        "$5",
        "5\x00",
        "9" * 250,
    ],
    "date": [
        *EVERYWHERE,
        "0000-01-01",
        "0001-01-01",
        "1899-12-31",
        "2201-01-01",
        "9999-12-31",
        "2026-02-30",
        "31.03.2026",
        "2026-03-31T00:00",
        "today",
        20260331,
        True,
        datetime(2026, 3, 31, tzinfo=UTC),
        "2026-03-31\x00",
    ],
    "instant": [
        *EVERYWHERE,
        "2026-03-31T09:00:00",
        "2026-03-31",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "now",
        1,
        True,
        datetime(2026, 3, 31),
    ],
    "reference": [*EVERYWHERE, "0", "-1", 0, -1, 2**63, "9" * 20, "ACC-1", "1.0", True, "1_0"],
    "person": [*EVERYWHERE, "0", "alice", 2**63, True],
    "url": [
        *EVERYWHERE,
        "javascript:alert(1)",
        "javascript://example.com/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.com",
        "localhost",
        "http://",
        "http://exa mple.com",
        "http://example.com:99999",
        "http://[::1",
        "\x00",
        True,
        7,
    ],
    "country": [*EVERYWHERE, "USA", "ZZ", "EU", "XX", "U", 49, True],
    "needed": ["", "   ", None, "\t"],
}
CASES = [(name, given) for name, found in BAD.items() for given in found]


@pytest.mark.parametrize(("name", "given"), CASES, ids=[f"{n}-{i}" for i, (n, _) in enumerate(CASES)])
def test_value_that_does_not_fit_is_a_finding(name: str, given: Any) -> None:
    finding = read(name, given)
    assert type(finding).__name__ == "Finding", finding
    assert len(finding.message) < 500
    assert finding.message.isprintable()
    assert finding.found.isprintable()
    assert len(finding.found) <= 80


def test_every_kind_has_bad_input_here() -> None:
    assert BAD.keys() == FIELDS.keys()


def test_every_finding_is_told_not_only_the_first() -> None:
    cleaned = values.read(
        FIELDS, {"integer": "x", "date": "x", "text": "fine", "nothing": 1}, what="specimens"
    )
    assert cleaned.values == {"text": "fine"}
    assert [(f.code, f.field) for f in cleaned.findings] == [
        ("VAL-002", "integer"),
        ("VAL-002", "date"),
        ("VAL-001", "nothing"),
    ]


def test_clean_knows_how_long_a_column_is() -> None:
    account = registry.get("accounts.account")
    assert values.clean(account, {"name": "x" * 200, "city": "x" * 120}).findings == []
    found = values.clean(
        account, {"name": "x" * 201, "city": "x" * 121, "description": "x" * 20_001}
    ).findings
    assert [(f.field, f.needed) for f in found] == [
        ("name", "at most 200 characters (it has 201)"),
        ("city", "at most 120 characters (it has 121)"),
        ("description", "at most 20000 characters (it has 20001)"),
    ]


@given(
    st.dictionaries(
        st.one_of(st.sampled_from(sorted(FIELDS)), st.text()),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        ),
    )
)
def test_read_never_breaks(raw: dict[str, Any]) -> None:
    cleaned = values.read(FIELDS, raw, what="specimens")
    assert {*cleaned.values} | {f.field for f in cleaned.findings} == {name[:60] for name in raw}


@pytest.mark.parametrize(("given", "held"), [("40", "0.4"), ("12.5 %", "0.125"), (100, "1"), ("0", "0")])
def test_per_cent_is_a_share_of_one(given: Any, held: str) -> None:
    assert read("percent", given) == Decimal(held)
