"""Drafts of rules: what the form means, what is wrong at its place, what it would change, and what is stored."""

import json
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from revops.kernel.policies import documents
from revops.kernel.policies.models import PolicyVersion
from revops.web.rules import conditions, filled, parts, vocabulary
from tests.cast import Cast
from tests.web.conftest import Browser, made

KEY = "accounts.segment"
PLACE = f"/rules/{KEY}/draft/"


def form(large: str = "1000", **more: str) -> dict[str, str]:
    """What the page of a draft sends for one segment."""
    when = {"f": "account.employees", "op": "gte", "v": {"param": "large"}}
    return {
        "b/segments#": "1",
        "b/segments/0/segment": "ENT",
        "b/segments/0/when": json.dumps(when),
        "b/otherwise": "SMB",
        "b/rules#": "0",
        "b/params#": "1",
        "b/params/0~key": "large",
        "b/params/0": large,
        "mode": "enforce",
        "source_note": "Agreed on 3 March",
        "migrate": "false",
    } | more


def read(sent: dict[str, str]) -> tuple[Any, list[str]]:
    data = QueryDict(mutable=True)
    data.update(sent)
    reader = filled.Reader(data, lambda rows: None)
    body = reader.body(parts.body_shape(documents.get(KEY)))
    return body, [problem.position for problem in reader.problems]


def test_form_means_a_body_and_leaves_out_what_is_empty() -> None:
    body, problems = read(form())
    when = {"f": "account.employees", "op": "gte", "v": {"param": "large"}}
    wanted = {"segments": [{"segment": "ENT", "when": when}], "otherwise": "SMB", "params": {"large": 1000}}
    assert (body, problems) == (wanted, [])


def test_what_cannot_be_read_stays_as_it_was_typed_and_is_named_by_its_place() -> None:
    body, problems = read(
        form(**{"b/segments/0/when": '{"f": ', "b/params#": "2", "b/params/1~key": "large"})
    )
    assert body["segments"][0]["when"] == '{"f": '
    assert problems == ["/segments/0/when", "/params/large"]


@pytest.mark.parametrize(
    ("deed", "wanted"),
    [
        ("up:b/segments/1", ["MM", "ENT"]),
        ("down:b/segments/0", ["MM", "ENT"]),
        ("up:b/segments/0", ["ENT", "MM"]),
        ("drop:b/segments/0", ["MM"]),
        ("add:b/segments", ["ENT", "MM", ""]),
        ("drop:b/segments/9", ["ENT", "MM"]),
        ("add:b/nothing/9", ["ENT", "MM"]),
    ],
)
def test_deeds_move_take_away_and_add_items(deed: str, wanted: list[str]) -> None:
    body = {"segments": [{"segment": "ENT"}, {"segment": "MM"}]}
    found = filled.done(parts.body_shape(documents.get(KEY)), body, deed)
    assert [one.get("segment", "") for one in found["segments"]] == wanted


@pytest.mark.parametrize("value", [1, "text", "1", True, [1, "a"], '"quoted"'])
def test_plain_values_come_back_as_they_went(value: Any) -> None:
    assert filled.literal(filled.typed(value)) == value


def test_every_shipped_default_comes_back_from_its_form_as_it_went() -> None:
    for document in documents.every():
        shape = parts.body_shape(document)
        schema = conditions.describing.vocabulary(document)
        builder = parts.Builder(document, vocabulary.of(schema) if schema else None)
        data = QueryDict(mutable=True)
        for one in builder.part(shape, json.loads(json.dumps(document.default))).every():
            if one.kind in ("list", "map"):
                data[f"{one.name}#"] = str(len(one.parts))
            if one.key is not None:
                data[f"{one.name}~key"] = one.key
            if one.kind in ("scalar", "condition"):
                data[one.name] = one.text
            elif one.shape.nullable and one.there:
                data[one.name] = "1"
        body = filled.Reader(data, lambda rows: None).body(shape)
        assert document.read(body) == document.read(dict(document.default)), document.key


@pytest.mark.django_db
def test_draft_is_stored_from_its_form(cast: Cast) -> None:
    answer = Browser(cast.olga).post(PLACE, form("2000", do="save"))
    version = PolicyVersion.objects.get(n=2)
    assert (answer.status_code, answer["Location"]) == (302, f"/rules/versions/{version.pk}/")
    assert (version.status, version.body["params"], version.source_note) == (
        "draft",
        {"large": 2000},
        "Agreed on 3 March",
    )
    again = Browser(cast.rita).post(f"{PLACE}?edit={version.pk}", form("3000", do="save", version="1"))
    assert again.status_code == 302
    version.refresh_from_db()
    assert version.body["params"] == {"large": 3000}


@pytest.mark.django_db
def test_errors_stand_at_their_place_and_nothing_is_lost(cast: Cast) -> None:
    wrong = form(
        **{"b/otherwise": "", "source_note": "", "b/segments/0/when": '{"f": "account.nothing", "op": "x"}'}
    )
    page = Browser(cast.rita).post(PLACE, wrong | {"do": "save"})
    assert page.status_code == 422
    said = {one.at: one.problems for one in page.context["root"].every() if one.problems}
    assert sorted(said) == ["/otherwise", "/segments/0/when"] or sorted(said) == ["/otherwise"]
    assert page.context["refusal"].by_field["source_note"] != []
    assert "account.nothing" in page.content.decode()
    assert PolicyVersion.objects.count() == 0


@pytest.mark.django_db
def test_impact_is_told_while_the_draft_is_typed_and_as_a_file(cast: Cast) -> None:
    for name, employees in (("Mills", "1500"), ("=Works", "3000")):
        made(cast.alice, name=name, country="US", employees=employees)
    browser = Browser(cast.rita)
    shown = browser.htmx_post(PLACE, form("2000", do="impact")).context["shown"]
    assert [(one.before, one.after, one.n) for one in shown.moves] == [("Enterprise", "Small business", 1)]
    assert [one.about.title for one in shown.first] == ["Mills"]
    sent = browser.post(PLACE, form("2000", do="csv"))
    lines = b"".join(sent.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert (lines[0], len(lines)) == ("record_type,id,before,after,why", 2)
    wrong = browser.htmx_post(PLACE, form(**{"b/otherwise": "", "do": "impact"}))
    assert (wrong.status_code, len(wrong.context["wrong"])) == (200, 1)
    assert PolicyVersion.objects.count() == 0


@pytest.mark.django_db
def test_drafting_is_for_operations_alone(cast: Cast) -> None:
    browser = Browser(cast.alice)
    assert browser.get(PLACE).status_code == 403
    assert browser.post(PLACE, form(do="save")).status_code == 403
    assert browser.post(f"/rules/{KEY}/condition/?name=b/segments/0/when", {}).status_code == 403
    assert "Ask for a change" in browser.get(f"/rules/{KEY}/").content.decode()


@pytest.mark.django_db
def test_draft_page_costs_the_same_with_one_segment_and_with_three(
    cast: Cast, settled_organisation: None
) -> None:
    browser = Browser(cast.rita)

    def cost(count: int) -> int:
        one = {key: value for key, value in form().items() if key.startswith("b/segments/0/")}
        more = {key.replace("/0/", f"/{n}/"): value for n in range(count) for key, value in one.items()}
        with CaptureQueriesContext(connection) as captured:
            assert (
                browser.post(PLACE, form(**more, **{"b/segments#": str(count)}, do="check")).status_code
                == 200
            )
        return len(captured)

    cost(1)
    assert (cost(1), cost(3)) == (5, 5)
