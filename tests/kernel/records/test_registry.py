"""What an upper app adds to the record type of a lower one."""

from dataclasses import replace

import pytest

from revops.kernel.records import registry
from revops.kernel.records.registry import Panel, RecordAction

LABEL = "test.specimen"


@pytest.fixture(autouse=True)
def registered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for held in ("_types", "_panels", "_actions", "_composers"):
        monkeypatch.setattr(registry, held, dict(getattr(registry, held)))


def specimen() -> registry.RecordType:
    kind = registry.get("accounts.account")
    own = Panel("own", "Own", "own.html", lambda record, user: None)
    return replace(kind, label=LABEL, slug="specimens", panels=(own,), actions=())


def added() -> tuple[Panel, RecordAction]:
    panel = Panel("deals", "Deals", "deals.html", lambda record, user: None)
    return panel, RecordAction("convert", "Convert", (), lambda **given: None)


@pytest.mark.parametrize("type_first", [True, False])
def test_parts_from_above_follow_the_own_ones_whoever_comes_first(type_first: bool) -> None:
    panel, action = added()
    if type_first:
        registry.register(specimen())
    registry.add_panel(LABEL, panel)
    registry.add_action(LABEL, action)
    registry.add_panel(LABEL, panel)
    if not type_first:
        registry.register(specimen())
    kind = registry.get(LABEL)
    assert [one.key for one in kind.panels] == ["own", "clocks", "tasks", "deals"]
    assert kind.actions == (action,)
    assert kind.by_name == registry.get("accounts.account").by_name


def test_two_parts_of_one_name_are_a_mistake() -> None:
    panel, _ = added()
    registry.add_panel(LABEL, panel)
    with pytest.raises(ValueError, match="'deals' already"):
        registry.add_panel(LABEL, replace(panel, title="Others"))


def test_composer_from_above_stands_on_every_type_with_a_timeline(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.register(specimen())
    registry.register(replace(specimen(), label="test.plain", slug="plain", timeline=False))
    made = replace(registry.get("accounts.account").composers[0], name="hint")
    registry.add_composer(made)
    registry.add_composer(made)
    assert [registry.get(label).composers[-1].name for label in (LABEL, "accounts.lead")] == ["hint", "hint"]
    assert "hint" not in [one.name for one in registry.get("test.plain").composers]
    with pytest.raises(ValueError, match="a form called 'hint' already"):
        registry.add_composer(replace(made, label="Another"))
