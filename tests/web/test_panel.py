"""A record beside its list: what the side panel shows and costs, cells edited in a list, the next record, dialogs."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import assign_account, create_contact, create_lead, edit_account, log_activity
from accounts.models import Account, Contact
from opportunities.actions import add_contact_role
from revops.kernel import clocks
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.people import access
from revops.kernel.records import listing, neighbours, registry
from tests.cast import Cast
from tests.opportunities.conftest import open_deal
from tests.web.conftest import FRAGMENT, Browser, made

pytestmark = pytest.mark.django_db
PANEL = FRAGMENT | {"X-Panel": "1"}


def cost(browser: Browser, path: str, **headers: str) -> int:
    """Return the number of statements of an address that was asked before."""
    browser.get(path, headers=headers)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path, headers=headers).status_code == 200
    return len(captured)


def a_lead(cast: Cast) -> Any:
    values = {"last_name": "Roe", "company": "Roe Ltd", "source_original": "web", "email": "jo@roe.example"}
    return create_lead(by=cast.alice, values=values)


def a_contact(cast: Cast) -> Any:
    return create_contact(
        by=cast.alice, values={"last_name": "Berg", "account": made(cast.alice, name="Whole").pk}
    )


def an_account(cast: Cast) -> Any:
    return made(cast.alice, name="Whole")


def a_deal(cast: Cast) -> Any:
    return open_deal(cast)


def put_around(cast: Cast, record: Any, count: int) -> None:
    """Put contacts and notes around a record, where its type has such."""
    account = record if isinstance(record, Account) else getattr(record, "account", None)
    kind = record._meta.label_lower
    for number in range(count):
        note = {"kind": "note", "subject": f"Note {number}"}
        if account is not None:
            person = create_contact(by=cast.alice, values={"last_name": f"P{number}", "account": account.pk})
            log_activity(by=cast.alice, values={**note, "account": account.pk, "contacts": [person.pk]})
            if kind == "opportunities.opportunity":
                values = {"opportunity": record.pk, "contact": person.pk, "role": "user"}
                add_contact_role(by=cast.alice, values=values)
        else:
            log_activity(by=cast.alice, values={**note, "lead": record.pk})


@pytest.mark.parametrize(
    ("make", "whole", "beside"),
    [(an_account, 26, 15), (a_contact, 19, 12), (a_lead, 19, 11), (a_deal, 22, 14)],
)
def test_record_costs_the_same_with_one_and_with_three_around_it(
    browse: Any, cast: Cast, settled_organisation: None, make: Callable[[Cast], Any], whole: int, beside: int
) -> None:
    record = make(cast)
    browser, url = browse(cast.alice), record.get_absolute_url()
    put_around(cast, record, 1)
    first = cost(browser, url), cost(browser, f"{url}panel/", **PANEL)
    put_around(cast, record, 2)
    assert (cost(browser, url), cost(browser, f"{url}panel/", **PANEL)) == first == (whole, beside)


def test_panel_is_the_record_without_its_frame(browse: Any, cast: Cast) -> None:
    deal = open_deal(cast, next_step="Send the offer")
    browser, url = browse(cast.alice), deal.get_absolute_url()
    page = browser.get(f"{url}panel/", headers=PANEL).content.decode()
    assert "<html" not in page
    for part in ('class="panel-head"', "Send the offer", 'data-shortcut="s"', 'id="composer"', "Key fields"):
        assert part in page, part
    assert "no-store" in browser.get(f"{url}panel/", headers=PANEL)["Cache-Control"]
    assert browser.get(f"{url}panel/")["Location"] == url


@pytest.mark.parametrize("part", ["panel/", "neighbours/", "access/", "?as=parts", "field/amount/?as=cell"])
def test_parts_of_an_invisible_record_do_not_exist(browse: Any, cast: Cast, part: str) -> None:
    deal = open_deal(cast)
    for pk in (deal.pk, deal.pk + 999):
        answer = browse(cast.charlie).get(f"/opportunities/{pk}/{part}", headers=PANEL)
        assert (answer.status_code, "Acme" in answer.content.decode()) == (404, False)


def test_panel_that_saves_draws_its_own_parts(browse: Any, cast: Cast) -> None:
    deal = open_deal(cast)
    path = f"{deal.get_absolute_url()}field/competitor/"
    answer = browse(cast.alice).post(path, {"competitor": "Rival", "version": deal.version}, headers=PANEL)
    page = answer.content.decode()
    assert (answer["HX-Retarget"], 'class="panel-head"' in page) == ("#properties", True)
    assert 'id="record-aside"' not in page


def test_cell_is_saved_by_the_action_and_its_row_drawn_again(browse: Any, cast: Cast) -> None:
    deal = open_deal(cast)
    path = f"/opportunities/{deal.pk}/field/close_date/?as=cell&columns=name,account,close_date"
    form = browse(cast.alice).htmx(path).content.decode()
    assert f'name="version" value="{deal.version}"' in form
    answer = browse(cast.alice).htmx_post(path, {"close_date": "2027-07-01", "version": deal.version})
    page = answer.content.decode()
    assert (answer["HX-Retarget"], page.count("<td"), page.count("<tr")) == (f'tr[data-pk="{deal.pk}"]', 2, 1)
    assert "2027-07-01" in page
    assert json.loads(answer["HX-Trigger-After-Swap"])["property-saved"] == {
        "pk": deal.pk,
        "name": "close_date",
        "form": "cell",
    }


def test_cell_refuses_like_the_form_of_the_property(browse: Any, cast: Cast) -> None:
    deal = open_deal(cast)
    before = ChangeEvent.objects.count()
    later = {"close_date": "2027-12-01", "version": deal.version}
    url = f"/opportunities/{deal.pk}/field/close_date/"
    said = "a later date needs its reason"
    for path in (url, f"{url}?as=cell&columns=name,close_date"):
        answer = browse(cast.alice).htmx_post(path, later)
        assert (answer.status_code, said in answer.content.decode()) == (422, True), path
    assert ChangeEvent.objects.count() == before


def test_cell_that_somebody_else_wrote_first_is_compared_in_the_dialog(
    browse: Any, account: Account, cast: Cast
) -> None:
    edit_account(by=cast.bob, pk=account.pk, changes={"phone": "111"})
    path = f"/accounts/{account.pk}/field/phone/?as=cell&columns=name,phone"
    answer = browse(cast.alice).htmx_post(path, {"phone": "222", "version": 1})
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#dialog")
    assert all(
        words in answer.content.decode() for words in ("111", "222", "Save mine", "columns=name,phone")
    )


def test_cells_name_no_hidden_column_and_forbid_what_one_may_not_change(
    browse: Any, account: Account, cast: Cast
) -> None:
    url = f"/accounts/{account.pk}/field"
    assert browse(cast.alice).htmx(f"{url}/phone/?as=cell&columns=name,tax_id").status_code == 404
    assert browse(cast.alice).htmx(f"{url}/phone/?as=row&columns=tax_id").status_code == 404
    assert browse(cast.alice).htmx(f"{url}/name/?as=cell&columns=name").status_code == 403
    assert (
        browse(cast.cleo).htmx_post(f"{url}/phone/?as=cell&columns=phone", {"phone": "1"}).status_code == 403
    )
    listed = browse(cast.alice).get("/accounts/").content.decode()
    assert 'data-columns="name,status' in listed
    assert ',phone,website"' in listed


def test_next_step_and_its_day_are_saved_together(browse: Any, cast: Cast) -> None:
    deal = open_deal(cast)
    path = f"{deal.get_absolute_url()}field/next_step/?as=next"
    form = browse(cast.alice).htmx(path).content.decode()
    assert 'name="next_step_on" value="20' in form  # a week ahead is offered, where no day lies ahead
    on = str((clocks.now() + timedelta(days=20)).date())
    values = {"next_step": "Call the buyer", "next_step_on": on, "version": deal.version}
    answer = browse(cast.alice).htmx_post(path, values)
    deal.refresh_from_db()
    assert (answer.status_code, deal.next_step, str(deal.next_step_on)) == (
        200,
        "Call the buyer",
        on,
    )
    refused = browse(cast.alice).htmx_post(path, values | {"next_step_on": "soon", "version": deal.version})
    assert (refused.status_code, 'value="Call the buyer"' in refused.content.decode()) == (422, True)


def test_activity_that_has_closed_offers_no_field_and_says_why_it_refuses(browse: Any, cast: Cast) -> None:
    values = {"kind": "note", "subject": "Old words", "account": made(cast.alice, name="Acme").pk}
    old = log_activity(by=cast.alice, values=values, at=cast.alice.created_at)
    url = old.get_absolute_url()
    page = browse(cast.alice).get(url).content.decode()
    assert ("value-edit" in page, f"{url}edit/" in page) == (False, False)
    answer = browse(cast.alice).htmx_post(f"{url}field/subject/", {"subject": "New", "version": old.version})
    assert (answer.status_code, "24 hours" in answer.content.decode()) == (422, True)


def test_empty_fields_are_folded_by_group(browse: Any, account: Account, cast: Cast) -> None:
    page = browse(cast.alice).get(f"/accounts/{account.pk}/")
    company = next(group for group in page.context["groups"] if group.name == "Company")
    assert {one.field.name for one in company.empty} == {"website", "phone"}
    assert "2 empty fields" in page.content.decode()


def around(user: Any, record: Any, **parameters: str) -> tuple[int | None, int | None]:
    record_type = registry.get(record._meta.label_lower)
    found = neighbours.around(listing.parse(record_type, user, parameters), user, record)
    return found.previous, found.next


def test_neighbours_follow_the_order_of_the_list(cast: Cast) -> None:
    names = ("Beta", "Alpha", "Gamma", "Delta")
    beta, alpha, gamma, delta = (made(cast.alice, name=name) for name in names)
    far = made(cast.charlie, name="Between")
    assert around(cast.alice, beta) == (alpha.pk, delta.pk)
    assert around(cast.alice, alpha) == (None, beta.pk)
    assert around(cast.alice, gamma) == (delta.pk, None)
    assert around(cast.alice, beta, sort="-name") == (delta.pk, alpha.pk)
    assert far.pk not in around(cast.alice, beta)
    edit_account(by=cast.alice, pk=delta.pk, changes={"description": "x"})
    assert around(cast.alice, beta, name__starts="g") == (None, gamma.pk)  # beta itself does not fit


def test_neighbours_pass_from_rows_with_a_value_to_rows_without(cast: Cast) -> None:
    poor, rich = made(cast.alice, name="Poor"), made(cast.alice, name="Rich", annual_revenue="5")
    none = made(cast.alice, name="None")
    assert around(cast.alice, rich, sort="annual_revenue") == (None, poor.pk)
    assert around(cast.alice, poor, sort="annual_revenue") == (rich.pk, none.pk)


def test_neighbours_of_a_list_that_is_gone_are_none(browse: Any, account: Account, cast: Cast) -> None:
    made(cast.alice, name="Zebra")
    url = f"/accounts/{account.pk}/neighbours/"
    assert browse(cast.alice).htmx(url).context["next"] != ""
    for query in ("tax_id=1", "bogus=1", "view=999999"):
        answer = browse(cast.alice).htmx(f"{url}?{query}")
        assert (answer.status_code, answer.context["next"]) == (200, "")


def test_deed_is_a_dialog_for_htmx_and_a_page_otherwise(browse: Any, account: Account, cast: Cast) -> None:
    browser, path = browse(cast.rita), f"/accounts/{account.pk}/do/assign/"
    assert "<html" in browser.get(path).content.decode()
    dialog = browser.htmx(path).content.decode()
    assert ("<html" in dialog, 'hx-target="#dialog"' in dialog) == (False, True)
    form = {"owner": cast.bob.pk, "version": 1, "reason": "short"}
    refused = browser.htmx_post(path, form)
    assert (refused.status_code, "20 characters" in refused.content.decode()) == (422, True)
    done = browser.htmx_post(path, form | {"reason": "Bob knows their buying centre best"})
    assert (done.status_code, json.loads(done["HX-Trigger"])) == (
        204,
        {"record-changed": {"said": "Assign: done."}},
    )
    account.refresh_from_db()
    assert account.owner == cast.bob


def test_related_record_is_added_from_where_it_is_listed(browse: Any, account: Account, cast: Cast) -> None:
    url = account.get_absolute_url()
    address = f"/contacts/new/?account={account.pk}&next={url}"
    assert address.replace("&", "&amp;") in browse(cast.alice).get(url).content.decode()
    form = {"last_name": "Berg", "account": account.pk, "next": url}
    assert browse(cast.alice).post(address, form)["Location"] == url
    done = browse(cast.alice).htmx_post(address, form | {"last_name": "Tal"})
    assert (done.status_code, Contact.objects.filter(account=account).count()) == (204, 2)
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example/"):
        answer = browse(cast.alice).post("/contacts/new/", form | {"last_name": "X", "next": elsewhere})
        assert answer["Location"].startswith("/contacts/")


def test_who_sees_a_record_is_told_by_the_names_one_may_know(
    browse: Any, account: Account, cast: Cast
) -> None:
    assign_account(
        by=cast.rita, pk=account.pk, owner=cast.carla, role="csm", reason="She knows them best of all"
    )
    path = f"{account.get_absolute_url()}access/"
    told = {one.why: (one.names, one.others) for one in browse(cast.alice).htmx(path).context["seen"]}
    assert (told["Owns it"], told["On it as customer success manager"]) == ((["Alice"], 0), ([], 1))
    assert "Carla" not in browse(cast.alice).htmx(path).content.decode()
    known = {one.why: one.names for one in browse(cast.rita).htmx(path).context["seen"]}
    assert known["On it as customer success manager"] == ["Carla"]


def test_what_blocks_a_deal_comes_with_what_supplies_it(browse: Any, cast: Cast) -> None:
    deal = open_deal(cast, amount=None)
    mine = browse(cast.alice).get(deal.get_absolute_url()).content.decode()
    assert ('data-edit-field="next_step"' in mine, "do/add_contact/" in mine) == (True, True)
    theirs = browse(cast.bob).get(deal.get_absolute_url()).content.decode()
    assert ("data-edit-field" in theirs, "Next step is empty" in theirs) == (False, True)


def test_remembered_answers_end_with_their_block(cast: Cast) -> None:
    account = made(cast.alice, name="Acme")
    with access.remembered():
        assert access.in_scope(cast.carla, account, access.Scope.OWN) is False
        assign_account(
            by=cast.rita, pk=account.pk, owner=cast.carla, role="csm", reason="She knows them best of all"
        )
        assert access.in_scope(cast.carla, account, access.Scope.OWN) is False
    assert access.in_scope(cast.carla, account, access.Scope.OWN) is True
