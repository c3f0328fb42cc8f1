"""Glossary, definitions, reasons and roles as policies: applied when they go live; the direct ways close later."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import RequestFactory

from governance.definitions import reading
from governance.policies import glossary, objects, roles
from opportunities.models import Reason
from opportunities.policies import reasons
from revops.kernel.audit import Blocked
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.people.actions import define_custom_role
from revops.kernel.people.models import CustomRole
from revops.kernel.policies import actions as policies
from revops.kernel.policies import documents
from revops.kernel.policies.models import PolicyVersion
from tests.cast import Cast
from tests.opportunities.conftest import lay_lists
from tests.web.conftest import Browser

pytestmark = pytest.mark.django_db
WHY = "Everything is set up and the council has agreed"
SEES = {"accounts.account": {"view": "T"}}
ADDENDA = (
    "lead, MQL, SAL, SQL, opportunity, pipeline, qualified pipeline, commit, best case, booking, billing, deferred "
    "revenue, recognised revenue, ARR, MRR, ACV, TCV, churn, contraction, expansion, NRR, GRR, CAC, payback, "
    "coverage, velocity, slip, push"
)


def live(cast: Cast, key: str, body: Any, *, by: User | None = None) -> PolicyVersion:
    """Bring a body into force while set-up mode lasts."""
    who = by or cast.rita
    draft = policies.draft_version(by=who, key=key, body=body, source_note="A test")
    return policies.activate_version(by=who, pk=draft.pk)


def body_of(key: str, **changed: Any) -> dict[str, Any]:
    return {**documents.get(key).default, **changed}


def test_the_shipped_glossary_holds_the_terms_of_the_field() -> None:
    held = {term["term"].casefold() for term in glossary.DOCUMENT.default["terms"]}
    assert {term.casefold() for term in ADDENDA.split(", ")} - held == set()


def test_the_lifecycle_is_in_its_order() -> None:
    names = [one["name"] for one in objects.DOCUMENT.default["lifecycle"]]
    assert names == [
        "Subscriber or lead",
        "MQL",
        "SAL",
        "SQL",
        "Opportunity",
        "Customer",
        "Expansion or renewal",
        "Former",
    ]


@pytest.mark.parametrize(
    ("key", "changed", "place"),
    [
        (
            glossary.KEY,
            {"terms": [{"term": "Lead", "definition": "A person", "owner": "REVOPS"}]},
            "definition",
        ),
        (
            glossary.KEY,
            {
                "terms": [
                    {
                        "term": "Lead",
                        "definition": "A person who may buy",
                        "owner": "REVOPS",
                        "avoid": ["suspect"],
                    },
                    {"term": "Suspect", "definition": "A person who may buy", "owner": "REVOPS"},
                ]
            },
            "/terms/0/avoid",
        ),
        (
            objects.KEY,
            {"systems": [{"holds": "All", "system": "A shelf", "owner": "REVOPS"}]},
            "system_of_record",
        ),
        (reasons.KEY, {"reasons": [{"code": "price", "kind": "loss", "label": "Price"}]}, "/reasons"),
        (roles.KEY, {"roles": [{"code": "AE", "name": "Mine", "grants": {}}]}, "/roles/0/code"),
        (
            roles.KEY,
            {"roles": [{"code": "desk", "name": "Desk", "grants": {"nothing": {}}}]},
            "/roles/0/grants",
        ),
    ],
)
def test_a_list_that_does_not_fit_is_refused_with_its_place(
    cast: Cast, key: str, changed: dict[str, Any], place: str
) -> None:
    with pytest.raises(Blocked) as refusal:
        policies.draft_version(by=cast.rita, key=key, body=body_of(key, **changed), source_note="A test")
    assert place in refusal.value.findings[0].message


def test_reasons_follow_the_version_in_the_same_change(cast: Cast) -> None:
    lay_lists()
    Reason.objects.create(kind="loss", code="ours", label="Added during set-up")
    kept = [one for one in body_of(reasons.KEY)["reasons"] if one["code"] != "price"]
    renamed = [{**one, "label": "Out of time"} if one["code"] == "timing" else one for one in kept]
    new = {"kind": "loss", "code": "paused", "label": "The project is paused"}
    live(cast, reasons.KEY, {"reasons": [*renamed, new]})
    held = {row.code: row for row in Reason.objects.all()}
    assert (held["price"].is_active, held["paused"].is_active, held["ours"].is_active) == (False, True, True)
    assert (held["timing"].label, held["paused"].label) == ("Out of time", "The project is paused")
    live(cast, reasons.KEY, {"reasons": kept})
    assert dict(Reason.objects.filter(code__in=["paused", "timing"]).values_list("code", "label")) == {
        "paused": "The project is paused",
        "timing": "Timing",
    }
    assert Reason.objects.get(code="paused").is_active is False


def test_the_shipped_reasons_are_those_of_the_table(cast: Cast) -> None:
    lay_lists()
    live(cast, reasons.KEY, body_of(reasons.KEY))
    shipped = {(one["kind"], one["code"]) for one in body_of(reasons.KEY)["reasons"]}
    assert shipped <= set(Reason.objects.filter(is_active=True).values_list("kind", "code"))


def test_roles_follow_the_version_in_the_same_change(cast: Cast) -> None:
    define_custom_role(by=cast.ada, code="old", name="Old", grants={}, reason="During set-up")
    first = {"roles": [{"code": "desk", "name": "Desk", "grants": SEES}]}
    version = live(cast, roles.KEY, first)
    row = CustomRole.objects.get(code="desk")
    assert (row.name, row.grants, row.is_active) == ("Desk", SEES, True)
    event = ChangeEvent.objects.get(action="policy.activate")
    written = {changed.record_type for changed in event.rows.all()}
    assert (written, version.n) == ({"people.customrole", "policies.policyversion"}, 2)
    live(cast, roles.KEY, {"roles": []})
    held = dict(CustomRole.objects.values_list("code", "is_active"))
    assert held == {"desk": False, "old": True}


def test_nobody_brings_a_change_of_their_own_role_into_force(cast: Cast) -> None:
    from revops.kernel.people.actions import grant_role

    live(cast, roles.KEY, {"roles": [{"code": "desk", "name": "Desk", "grants": {}}]})
    grant_role(by=cast.ada, user=cast.rita, role="desk", reason="She helps out")
    with pytest.raises(access.Forbidden, match="Nobody changes a role they hold"):
        live(cast, roles.KEY, {"roles": [{"code": "desk", "name": "Desk", "grants": SEES}]})
    assert CustomRole.objects.get(code="desk").grants == {}


def test_the_direct_ways_close_with_set_up_mode(cast: Cast) -> None:
    request = RequestFactory().get("/admin/")
    request.user = cast.rita
    site = admin.site._registry[Reason]
    ways = (site.has_add_permission, site.has_change_permission, site.has_delete_permission)
    before = [way(request) for way in ways]
    define_custom_role(by=cast.ada, code="old", name="Old", grants={}, reason="During set-up")
    policies.end_set_up_mode(by=cast.rita, reason=WHY)
    assert (before[0], [way(request) for way in ways]) == (True, [False] * 3)
    for code in ("old", "new"):
        with pytest.raises(Blocked) as refusal:
            define_custom_role(by=cast.ada, code=code, name="Any", grants=SEES, reason="Directly")
        (finding,) = refusal.value.findings
        assert (finding.code, finding.rule, finding.remedies[0].url) == (
            "PPL-014",
            roles.KEY,
            f"/rules/{roles.KEY}/draft/",
        )
    with pytest.raises(Blocked):
        live(cast, roles.KEY, {"roles": [{"code": "new", "name": "New", "grants": SEES}]})
    assert dict(CustomRole.objects.values_list("code", "grants")) == {"old": {}}


@pytest.mark.control
def test_control_roles_are_defined_directly_where_nobody_closed_the_way(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from revops.kernel.people import closing

    policies.end_set_up_mode(by=cast.rita, reason=WHY)
    monkeypatch.setattr(closing, "_closed", {})
    assert define_custom_role(by=cast.ada, code="new", name="New", grants={}, reason="Directly").code == "new"


def test_reading_says_since_when_and_on_whose_authority(cast: Cast) -> None:
    policy, found = reading.terms("quarter COUNTED later")
    assert [one.term for one in found] == ["Push", "Slip"]
    assert reading.standing(policy).since is None
    version = live(cast, glossary.KEY, {"terms": [{**documents.get(glossary.KEY).default["terms"][0]}]})
    policy, found = reading.terms()
    standing = reading.standing(policy)
    assert ([one.term for one in found], standing.n, standing.since, standing.authority) == (
        ["Lead"],
        version.n,
        version.effective_from,
        "set-up mode",
    )
    _, everything = reading.definitions("converted")
    assert [one.name for one in everything.objects] == ["Lead", "SQL", "Contact", "Account", "Opportunity"]


@pytest.mark.parametrize("path", ["/glossary/", "/definitions/"])
def test_pages_offer_a_change_to_who_may_draft(cast: Cast, path: str) -> None:
    page = Browser(cast.rita).get(path).content.decode()
    assert ("propose a change" in page, "shipped with the product" in page) == (True, True)
    assert "propose a change" not in Browser(cast.alice).get(path, {"q": "lead"}).content.decode()
    assert "Show all" in Browser(cast.alice).get(path, {"q": "<zebra>"}).content.decode()
