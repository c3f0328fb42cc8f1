"""A07: a field that one may not read is in no part of a view, neither when it is kept nor when it is opened."""

from typing import Any

import pytest

from revops.kernel.audit import Blocked
from revops.kernel.people.access import organisation, vocabulary
from revops.kernel.records import listing, registry
from revops.kernel.records.models import SavedView
from revops.kernel.records.views import actions
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ACCOUNTS = "accounts.account"
HIDDEN = {
    "filter": {"filters": {"tax_id": "DE1"}},
    "filter with an operator": {"filters": {"tax_id__starts": "D"}},
    "traversal": {"filters": {"owner__password__startswith": "a"}},
    "sort": {"sort": "tax_id"},
    "condition": {"where": {"f": "tax_id", "op": "eq", "v": "DE1"}},
    "nested condition": {"where": {"not": {"any": [{"f": "tax_id", "op": "not_null"}]}}},
    "other side": {"where": {"f": "name", "op": "eq", "v": {"f": "tax_id"}}},
    "columns": {"columns": ["name", "tax_id"]},
    "widths": {"widths": {"tax_id": 100}},
    "group": {"group": "tax_id"},
}


def refusal(by: Any, content: Any) -> list[tuple[str, str]]:
    with pytest.raises(Blocked) as refused:
        actions.create_view(by=by, record_type="accounts", name="Sly", content=content)
    return [(finding.code, finding.field) for finding in refused.value.findings]


def test_a07_view_with_a_hidden_field_is_not_kept(cast: Cast):
    for part, content in HIDDEN.items():
        unknown = eval(repr(content).replace("tax_id", "xyz_id"))
        told = [(code, field.replace("tax_id", "xyz_id")) for code, field in refusal(cast.alice, content)]
        assert told == refusal(cast.alice, unknown), part
    assert SavedView.objects.count() == 0


def view_of(cast: Cast, **content: Any) -> SavedView:
    view = actions.create_view(by=cast.rita, record_type="accounts", name="Theirs", content=content)
    return actions.share_view(by=cast.rita, pk=view.pk, roles=["AE"])


def opened(user: Any, view: SavedView) -> list[str]:
    query = listing.parse(registry.get(ACCOUNTS), user, {"view": str(view.pk)})
    return [row["name"] for row in listing.page(query, user, ["name"]).rows]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"filters": {"employees__gte": "5"}}, "employees__gte"),
        ({"sort": "annual_revenue"}, "sort"),
        ({"where": {"all": [{"f": "employees", "op": "eq", "v": 5}]}}, "where"),
    ],
)
def test_a07_field_that_is_hidden_later_closes_the_view_to_whom_it_is_hidden_from(
    cast: Cast, make: Any, monkeypatch: pytest.MonkeyPatch, content: dict[str, Any], field: str
):
    make("Near", annual_revenue="9", employees="5", owner=str(cast.alice.pk))
    view = view_of(cast, **content)
    assert opened(cast.alice, view) == ["Near"]
    hide(monkeypatch, "annual_revenue", "employees")
    with pytest.raises(Blocked) as refused:
        opened(cast.alice, view)
    assert [(finding.code, finding.field) for finding in refused.value.findings] == [("LST-001", field)]
    assert opened(cast.rita, view) == ["Near"]


def hide(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Hide fields of accounts from everybody but REVOPS."""
    from dataclasses import replace

    held = vocabulary._declared[ACCOUNTS]
    hidden = {**held.hidden, **dict.fromkeys(names, frozenset({"REVOPS"}))}
    monkeypatch.setitem(vocabulary._declared, ACCOUNTS, replace(held, hidden=hidden))
    organisation.forget()


def test_shared_view_runs_with_the_rows_of_who_looks(cast: Cast, make: Any):
    make("East", owner=str(cast.alice.pk))
    make("West", owner=str(cast.charlie.pk))
    mine = {"where": {"f": "owner", "op": "eq", "v": {"param": "me"}}}
    view = view_of(cast, **mine)
    assert [opened(cast.alice, view), opened(cast.charlie, view), opened(cast.rita, view)] == [
        ["East"],
        ["West"],
        [],
    ]
    everything = view_of(cast, sort="name")
    assert [opened(cast.charlie, everything), opened(cast.rita, everything)] == [["West"], ["East", "West"]]


def test_view_out_of_sight_is_refused_like_one_that_does_not_exist(cast: Cast):
    view = view_of(cast)
    said = []
    for number in (str(view.pk), "999999", "x" * 30):
        with pytest.raises(Blocked) as refused:
            listing.parse(registry.get(ACCOUNTS), cast.marco, {"view": number})
        said += [finding.message.replace(finding.found, "…") for finding in refused.value.findings]
    assert len(set(said)) == 1
    assert len(said) == 3


def test_view_of_an_older_version_still_opens(cast: Cast, make: Any):
    make("Near")
    view = view_of(cast)
    from revops.kernel.guard import permit

    view.content = {"columns": ["name", "gone"], "sort": "name", "sorcery": {"a": 1}, "density": "tiny"}
    with permit():
        view.save()
    assert opened(cast.rita, view) == ["Near"]
