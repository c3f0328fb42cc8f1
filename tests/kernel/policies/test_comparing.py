"""Two bodies side by side, and the shape of a body as forms see it."""

from typing import Any

import pytest

from revops.kernel.policies import comparing, describing
from revops.kernel.policies import documents as registry
from revops.kernel.policies.comparing import Difference
from revops.kernel.policies.describing import Shape

SEGMENT, STAGES, REQUIRED = "accounts.segment", "opportunities.stages", "accounts.required_fields"
LARGE = {"f": "account.employees", "op": "gte", "v": 100}


def differences(key: str, before: Any, after: Any) -> list[tuple[str, str, str, str]]:
    found = comparing.differences(before, after, registry.get(key))
    return [(one.path, one.label, one.before, one.after) for one in found]


def default(key: str, **given: Any) -> dict[str, Any]:
    return {**registry.get(key).default, **given}


def test_same_bodies_do_not_differ() -> None:
    for document in registry.every():
        assert comparing.differences(document.default, document.default, document) == []


def test_values_and_parameters_differ_by_name() -> None:
    after = default(SEGMENT, params={"enterprise_from": 500, "top_from": 5_000}, otherwise="MM")
    assert differences(SEGMENT, default(SEGMENT), after) == [
        ("/params/enterprise_from", "Params › enterprise_from", "1000", "500"),
        ("/params/mid_market_from", "Params › mid_market_from", "100", ""),
        ("/params/top_from", "Params › top_from", "", "5000"),
        ("/otherwise", "Otherwise", "SMB", "MM"),
    ]


def test_items_are_matched_by_their_names_and_conditions_stand_in_words() -> None:
    before = {"fields": [{"field": "account.country"}, {"field": "account.territory", "mode": "observe"}]}
    after = {
        "fields": [{"field": "account.territory", "mode": "warn"}, {"field": "account.city", "when": LARGE}]
    }
    assert differences(REQUIRED, before, after) == [
        ("/fields/0", "Fields › account.country", "Field: Country", ""),
        ("/fields/0/mode", "Fields › account.territory › Mode", "Observe", "Warn"),
        (
            "/fields/1",
            "Fields › account.city",
            "",
            "Field: City; When: Employees is at least 100",
        ),
    ]
    conditions = [{"fields": [{"field": "account.city", "when": one}]} for one in (LARGE, {**LARGE, "v": 50})]
    assert differences(REQUIRED, *conditions) == [
        (
            "/fields/0/when",
            "Fields › account.city › When",
            "Employees is at least 100",
            "Employees is at least 50",
        )
    ]


def test_order_of_a_list_is_a_difference() -> None:
    fields = [{"field": "account.country"}, {"field": "account.city"}]
    assert differences(REQUIRED, {"fields": fields}, {"fields": fields[::-1]}) == [
        ("/fields", "Fields › Order", "account.country, account.city", "account.city, account.country")
    ]


def test_named_rules_are_told_where_they_stand() -> None:
    one, two = (
        {"fields": [{"field": "account.city", "when": {"ref": "big"}}], "rules": {"big": rule}}
        for rule in (LARGE, {**LARGE, "v": 50})
    )
    assert differences(REQUIRED, one, two) == [
        ("/rules/big", "Rules › big", "Employees is at least 100", "Employees is at least 50")
    ]


@pytest.mark.parametrize(
    "odd", [{}, {"fields": "all"}, {"fields": [1]}, {"fields": [{"field": 7, "when": []}]}]
)
def test_body_that_does_not_fit_is_compared_all_the_same(odd: Any) -> None:
    document = registry.get(REQUIRED)
    found = comparing.differences(document.default, odd, document)
    assert found
    assert all(isinstance(one, Difference) for one in found)


def shape(key: str, *names: str) -> Shape:
    found = describing.shape(registry.get(key))
    for name in names:
        held = found.item if found.item and found.kind == "list" else found
        found = next(one for one in held.fields if one.name == name)
    return found


def test_shape_names_kinds_choices_and_limits() -> None:
    assert [one.kind for one in shape(SEGMENT).fields] == ["map", "map", "list", "choice"]
    rules, params, segments, otherwise = shape(SEGMENT).fields
    assert rules.item
    assert params.item
    assert segments.item
    assert (rules.item.kind, params.item.kind, segments.item.kind) == ("condition", "value", "group")
    assert (segments.unique_by, segments.least, segments.most) == ("segment", 1, 20)
    assert otherwise.choices == (("SMB", "SMB"), ("MM", "MM"), ("ENT", "ENT"))
    assert shape(SEGMENT, "segments", "when").kind == "condition"
    field, mode = shape(REQUIRED, "fields", "field"), shape(REQUIRED, "fields", "mode")
    assert (field.kind, field.required, mode.kind, mode.nullable) == ("fact", True, "choice", True)
    assert shape(REQUIRED, "fields", "note").kind == "long_text"
    days = shape(STAGES, "reopen_days")
    assert (days.kind, days.default, days.least, days.most) == ("integer", 30, 0, 365)


def test_shape_of_every_document_holds_its_default() -> None:
    """Each part of a shipped default has a place in the shape, so that a form loses nothing of it."""

    def lost(part: Shape, value: Any, at: str) -> list[str]:
        if value is None or part.kind == "json":
            return []
        if part.kind == "group":
            known = {one.name: one for one in part.fields}
            missing = [f"{at}/{name}" for name in value if name not in known]
            return missing + [
                one
                for name in value
                if name in known
                for one in lost(known[name], value[name], f"{at}/{name}")
            ]
        if part.kind in ("list", "map") and part.item:
            items = value.values() if part.kind == "map" else value
            return [one for item in items for one in lost(part.item, item, at)]
        plain = {"integer": int, "boolean": bool, "condition": dict}.get(part.kind, (str, int, list))
        return [] if isinstance(value, plain) else [f"{at}: {part.kind}"]

    found = [lost(describing.shape(one), dict(one.default), one.key) for one in registry.every()]
    assert [one for one in found if one] == []
