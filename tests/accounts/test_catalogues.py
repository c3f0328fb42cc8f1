"""Products and campaigns: who writes them, what is refused, and how files become entries."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import create_campaign, create_product, edit_campaign, edit_product
from accounts.actions.catalogues import importing
from accounts.actions.catalogues.rules import CAMPAIGN, PRODUCT
from accounts.models import Campaign, Product
from revops.kernel import audit
from revops.kernel.audit.enums import Source
from revops.kernel.exchange.importers import Batch, ImportRow
from revops.kernel.exchange.importers import get as importer
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.people.enums import Role
from tests.accounts.conftest import codes
from tests.cast import Cast
from tests.evidence import unchanged

pytestmark = pytest.mark.django_db
WRITERS = {
    "accounts.product": {"PRODUCT", "SALES_OPS", "REVOPS"},
    "accounts.campaign": {"MKT_OPS", "SALES_OPS", "REVOPS"},
}


@pytest.mark.parametrize("role", [str(role) for role in Role])
def test_catalogues_are_read_by_all_and_written_by_few(cast: Cast, role: str) -> None:
    product = create_product(by=cast.rita, values={"name": "Platform", "code": "PLT"})
    campaign = create_campaign(by=cast.rita, values={"name": "Spring"})
    user = cast.by_role(role)
    for label, record in (("accounts.product", product), ("accounts.campaign", campaign)):
        writes = role in WRITERS[label]
        assert list(type(record).objects.visible_to(user)) == [record]
        assert bool(access.rights(user, label).creatable) == writes, label
        assert bool(access.editable(user, record)) == writes, label
        assert access.may_ever(user, "import", label) == writes, label


def test_product_is_created_with_its_event(cast: Cast) -> None:
    product = create_product(
        by=cast.prue, values={"name": " Zürich  Suite ", "code": "ZUR-1", "family": "Suites", "is_active": ""}
    )
    assert (product.name, product.name_key, product.code) == ("Zürich  Suite", "zurich suite", "ZUR-1")
    assert (product.family, product.is_active, product.version) == ("Suites", True, 1)
    event = OutboxEvent.objects.get(subject_type="accounts.product")
    assert (event.type, event.payload) == ("product.created", {"name": "Zürich  Suite"})


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, [("PRO-001", "name"), ("PRO-001", "code")]),
        ({"name": "", "code": "A"}, [("VAL-002", "name")]),
        ({"name": "A", "code": "TAKEN"}, [("PRO-002", "code")]),
        ({"name": "A" * 121, "code": "TAKEN"}, [("VAL-002", "name"), ("PRO-002", "code")]),
        ({"name": "A", "code": "B" * 61}, [("VAL-002", "code")]),
    ],
)
def test_product_is_refused_with_every_reason(
    cast: Cast, values: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    create_product(by=cast.rita, values={"name": "First", "code": "TAKEN"})
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        create_product(by=cast.rita, values=values)
    assert codes(refusal) == found


def test_product_keeps_its_own_code_and_refuses_anothers(cast: Cast) -> None:
    first = create_product(by=cast.rita, values={"name": "First", "code": "ONE"})
    create_product(by=cast.rita, values={"name": "Second", "code": "TWO"})
    assert edit_product(by=cast.rita, pk=first.pk, changes={"code": "ONE"}).version == 1
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit_product(by=cast.rita, pk=first.pk, changes={"code": "TWO", "is_active": ""})
    assert codes(refusal) == [("PRO-004", "is_active"), ("PRO-002", "code")]


def test_product_made_inactive_says_so_and_is_not_offered(cast: Cast, client: Any) -> None:
    product = create_product(by=cast.rita, values={"name": "Old", "code": "OLD"})
    client.force_login(cast.alice, backend="revops.kernel.people.backends.SignInBackend")
    assert "Old" in client.get("/products/options/?q=old").content.decode()
    edit_product(by=cast.prue, pk=product.pk, changes={"is_active": "false"}, reason="End of life")
    assert OutboxEvent.objects.filter(type="product.deactivated").count() == 1
    assert ">Old<" not in client.get("/products/options/?q=old").content.decode()
    assert client.get(f"/products/{product.pk}/").status_code == 200
    edit_product(by=cast.prue, pk=product.pk, changes={"is_active": "true"})
    assert OutboxEvent.objects.filter(type="product.edited").count() == 1


def test_seller_writes_no_catalogue(cast: Cast) -> None:
    product = create_product(by=cast.rita, values={"name": "Platform", "code": "PLT"})
    campaign = create_campaign(by=cast.mark, values={"name": "Spring"})
    with unchanged():
        for write in (
            lambda: create_product(by=cast.alice, values={"name": "A", "code": "B"}),
            lambda: edit_product(by=cast.mark, pk=product.pk, changes={"name": "Mine"}),
            lambda: create_campaign(by=cast.prue, values={"name": "A"}),
            lambda: edit_campaign(by=cast.alice, pk=campaign.pk, changes={"name": "Mine"}),
        ):
            with pytest.raises(access.Forbidden):
                write()


def test_stale_edit_of_a_product_is_a_conflict(cast: Cast) -> None:
    product = create_product(by=cast.rita, values={"name": "Platform", "code": "PLT"})
    edit_product(by=cast.rita, pk=product.pk, version=1, changes={"name": "Platform 2"})
    with unchanged(), pytest.raises(audit.Conflict):
        edit_product(by=cast.prue, pk=product.pk, version=1, changes={"name": "Platform 3"})


def test_campaign_name_belongs_to_one_whatever_its_case(cast: Cast) -> None:
    create_campaign(by=cast.mark, values={"name": "Événement Été"})
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        create_campaign(
            by=cast.mark,
            values={"name": "EVENEMENT  ete", "starts_on": "2026-05-02", "ends_on": "2026-05-01"},
        )
    assert codes(refusal) == [("CAM-003", "ends_on"), ("CAM-002", "name")]


def test_campaign_ends_after_the_start_it_has(cast: Cast) -> None:
    campaign = create_campaign(by=cast.mark, values={"name": "Spring", "starts_on": "2026-05-02"})
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        edit_campaign(by=cast.mark, pk=campaign.pk, changes={"ends_on": "2026-05-01"})
    assert codes(refusal) == [("CAM-003", "ends_on")]
    edited = edit_campaign(
        by=cast.mark, pk=campaign.pk, changes={"ends_on": "2026-05-02", "channel": "event"}
    )
    assert (edited.channel, edited.version) == ("event", 2)


def batch(cast: Cast, rows: list[dict[str, Any]], **options: Any) -> Batch:
    made = [
        ImportRow(line=n + 2, number=n + 1, external_id=f"x{n}", values=dict(row), columns={})
        for n, row in enumerate(rows)
    ]
    return Batch(by=cast.rita, rows=made, system="file", **options)


def run(catalogue: Any, one: Batch) -> Batch:
    importing.prepare(catalogue)(one)
    with audit.change(by=one.by, action="import.chunk", source=Source.IMPORT):
        importer(f"accounts.{catalogue.noun}").loaded(one)
        one.new = [row for row in one.alive if row.record_id is None]
        importing.write(catalogue)(one)
    return one


def told(one: Batch) -> list[list[tuple[str, str, bool]]]:
    return [[(f.code, f.field, row.rejected) for f in row.findings] for row in one.rows]


def test_rows_become_products_and_what_is_taken_is_refused(cast: Cast) -> None:
    create_product(by=cast.rita, values={"name": "First", "code": "TAKEN"})
    rows: list[dict[str, Any]] = [
        {"name": "A", "code": "A-1", "is_active": None},
        {"name": "B", "code": "TAKEN"},
        {"name": "C", "code": "A-1"},
        {"name": "D", "code": ""},
    ]
    one = run(PRODUCT, batch(cast, rows))
    refused = [("PRO-002", "code", True)]
    assert told(one) == [[], refused, refused, [("PRO-001", "code", True)]]
    made = Product.objects.exclude(code="TAKEN").get()
    assert (made.name, made.code, made.name_key, made.is_active) == ("A", "A-1", "a", True)


def test_migrated_product_without_a_code_goes_by_its_id(cast: Cast) -> None:
    one = run(PRODUCT, batch(cast, [{"name": "A", "code": ""}], migration=True))
    assert told(one) == [[("PRO-001", "code", False)]]
    assert Product.objects.get().code == "x0"


def test_migrated_campaign_leaves_an_impossible_end_out(cast: Cast) -> None:
    row = {"name": "A", "starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1), "channel": ""}
    assert told(run(CAMPAIGN, batch(cast, [row]))) == [[("CAM-003", "ends_on", True)]]
    assert told(run(CAMPAIGN, batch(cast, [row], migration=True))) == [[("CAM-003", "ends_on", False)]]
    made = Campaign.objects.get()
    assert (made.starts_on, made.ends_on, made.channel) == (date(2026, 2, 1), None, "other")


def test_import_costs_the_same_for_one_row_and_for_three(cast: Cast, settled_organisation: None) -> None:
    def cost(*names: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            run(PRODUCT, batch(cast, [{"name": name, "code": name} for name in names]))
        return len(captured)

    assert (cost("A"), cost("B", "C", "D")) == (10, 10)
