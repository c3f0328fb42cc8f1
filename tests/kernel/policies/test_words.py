"""Rules and leaves in plain English."""

from datetime import date
from typing import Any

import pytest

from revops.kernel.policies import rules
from tests.kernel.policies.specimens import NOW, SUBJECT


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"f": "s.number", "op": "gte", "v": 1000}, "Number is at least 1,000 pieces"),
        ({"f": "s.number", "op": "between", "v": [1, 2]}, "Number is from 1 pieces to 2 pieces"),
        ({"f": "s.amount", "op": "gt", "v": "1250.5"}, "Amount is above 1,250.50"),
        ({"f": "s.size", "op": "in", "v": ["SMB", "MM", "ENT"]}, "Size is one of Small, Middle or Large"),
        ({"f": "s.name", "op": "like", "v": "a*"}, "Name is like “a*”"),
        ({"f": "s.flag", "op": "ne", "v": True}, "Flag is not yes"),
        ({"f": "s.parent", "op": "eq", "v": 12}, "Parent is number 12"),
        ({"f": "s.day", "op": "after", "v": {"now": "-P1M"}}, "Day is after 1 month ago"),
        ({"f": "s.day", "op": "eq", "v": {"now": "P0D"}}, "Day is today"),
        ({"f": "s.moment", "op": "before", "v": {"now": "PT36H"}}, "Moment is before 1 day and 12 hours from now"),
        ({"f": "s.moment", "op": "older_than", "v": "P1Y"}, "Moment is longer ago than 1 year"),
        ({"f": "s.day", "op": "weekday_in", "v": ["sat", "sun"]}, "Day falls on Saturday or Sunday"),
        ({"f": "s.number", "op": "lt", "v": {"f": "s.big"}}, "Number is below Big number"),
        ({"f": "s.number", "op": "lt", "v": {"param": "most"}}, "Number is below the parameter most"),
        ({"f": "s.code", "op": "is_null"}, "Code is empty"),
        ({"not": {"const": True}}, "not (always)"),
        ({"all": [{"const": False}]}, "never"),
        ({"ref": "late"}, "late (Day is longer ago than 1 day)"),
        (
            {"all": [{"f": "s.flag", "op": "eq", "v": False}, {"any": [{"const": None}, {"const": True}]}]},
            "all of: (Flag is no; any of: (unknown; always))",
        ),
        (
            {"count": {"over": "s.items", "where": {"f": "weight", "op": "gt", "v": 1}}, "op": "eq", "v": 2},
            "Number of items with Weight is above 1 is 2",
        ),
    ],
)  # fmt: skip
def test_rule_reads_as_a_sentence(body: Any, words: str) -> None:
    late = {"f": "s.day", "op": "older_than", "v": "P1D"}
    assert rules.describe(rules.parse(body, SUBJECT, refs={"late": late}).root) == words


@pytest.mark.parametrize(
    ("body", "held", "sentence"),
    [
        ({"f": "s.number", "op": "gte", "v": 100}, 80, "Number is 80 pieces; needs at least 100 pieces"),
        ({"f": "s.number", "op": "gte", "v": 100}, None, "Number is unknown; needs at least 100 pieces"),
        ({"f": "s.number", "op": "gte", "v": 100}, 100, "Number is 100 pieces"),
        ({"f": "s.number", "op": "between", "v": [1, 2]}, 3, "Number is 3 pieces; needs 1 pieces to 2 pieces"),
        ({"f": "s.name", "op": "eq", "v": "Acme"}, "Bcme", "Name is “Bcme”; needs “Acme”"),
        ({"f": "s.name", "op": "is_null"}, "Acme", "Name is “Acme”; needs to be empty"),
        ({"f": "s.name", "op": "is_null"}, None, "Name is empty"),
        ({"f": "s.name", "op": "not_null"}, None, "Name is unknown; needs a value"),
        ({"f": "s.day", "op": "within", "v": "P14D"}, date(2026, 1, 2), "Day is 2026-01-02; needs 2026-02-22 or later"),
    ],
)  # fmt: skip
def test_leaf_says_what_is_and_what_is_needed(body: Any, held: Any, sentence: str) -> None:
    rule = rules.parse(body, SUBJECT)
    (leaf,) = rules.evaluate(rule, dict.fromkeys(rule.paths, held), NOW).leaves
    assert leaf.sentence == sentence


def test_long_list_is_cut() -> None:
    rule = rules.parse({"f": "s.number", "op": "in", "v": list(range(20))}, SUBJECT)
    assert rules.describe(rule.root).endswith("6 pieces, 7 pieces or 12 more")
