"""Deals, their history and their contacts from other systems: what comes in, what is told, what never passes."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.actions import assign_opportunity, move_stage
from opportunities.enums import Stage
from opportunities.mappings.stages import by_probability, of_pipeline
from opportunities.models import OppContactRole, Opportunity, OpportunityActivity, StageInterval
from revops.kernel import clocks
from revops.kernel.exchange.findings import FileRefused
from revops.kernel.people import actions as people_actions
from revops.kernel.records.searching import search
from tests.cast import Cast
from tests.evidence import ledger_faults, unchanged
from tests.opportunities.conftest import ADVANCE, WHY, instant, lay_lists, make_ready, open_deal
from tests.opportunities.files import (
    ACCOUNTS,
    CONTACTS,
    DEALS,
    HISTORY,
    ROLES,
    bring,
    bring_all,
    counts,
    known_as,
    stays,
    told,
)
from tests.opportunities.intervals import interval_faults


@pytest.fixture
def known(cast: Cast, tmp_path: Path, lists: None) -> Path:
    """Have the accounts and contacts that the deals belong to."""
    bring(tmp_path, cast.rita, "account", ACCOUNTS)
    bring(tmp_path, cast.rita, "contact", CONTACTS)
    return tmp_path


def test_migrated_deals_stand_where_they_stood(cast: Cast, known: Path) -> None:
    rehearsed = bring(known, cast.rita, "opportunity", DEALS, dry_run=True)
    report = bring(known, cast.rita, "opportunity", DEALS)
    assert counts(rehearsed) == counts(report) == (4, 0, 0, 0, 1)
    assert told(rehearsed) == told(report)
    assert told(report) == [("IMP-140", 4, "owner"), ("OPP-020", 4, "amount")]
    won = known_as("Edge Generators")
    assert (won.stage, won.forecast_category, won.probability, won.amount) == (
        "closed_won",
        "closed",
        1,
        Decimal(220_000),
    )
    assert (won.opened_at, won.booked_at) == (instant(2026, 1, 5, 20, 55), instant(2026, 2, 3, 12))
    assert (won.owner, won.created_at, won.source) == (cast.alice, won.opened_at, "web")
    assert won.name == "ENT-NA-X-X-Q1"
    held = known_as("Edge SLA")
    assert (held.stage, held.probability, held.forecast_category) == (
        "evaluation",
        Decimal("0.60"),
        "pipeline",
    )
    assert (held.queue, held.owner) == (cast.unassigned, None)
    assert {row.via for row in StageInterval.objects.all()} == {"imported"}
    assert (interval_faults(), ledger_faults()) == ([], [])


def test_records_without_an_owner_go_to_the_queue_of_the_migration(cast: Cast, known: Path) -> None:
    queue = people_actions.create_queue(by=cast.ada, name="Migration", key="migration", members=[cast.rita])
    bring(known, cast.rita, "opportunity", DEALS)
    assert known_as("Edge SLA").queue == queue
    assert known_as("Edge Generators").owner == cast.alice


def test_deal_is_found_by_the_name_it_had(cast: Cast, known: Path) -> None:
    bring(known, cast.rita, "opportunity", DEALS)
    assert [hit.pk for hit in search(cast.rita, "pyramid later")] == [known_as("Pyramid Later").pk]


@pytest.mark.parametrize("chunk", [500, 1])
def test_history_becomes_contiguous_intervals_in_any_order_and_chunk(
    cast: Cast, known: Path, chunk: int
) -> None:
    bring(known, cast.rita, "opportunity", DEALS)
    report = bring(known, cast.rita, "opportunity_history", HISTORY, chunk=chunk)
    assert counts(report) == (5, 0, 0, 0, 0)
    won = known_as("Edge Generators")
    assert stays(won) == [
        ("qualification", "01-05 20:55", "01-20 09:00", "0.10"),
        ("proposal", "01-20 09:00", "02-09 10:00", "0.75"),
        ("closed_won", "02-09 10:00", "", "1.00"),
    ]
    assert (won.booked_at, won.stage_since) == (instant(2026, 2, 9, 10), instant(2026, 2, 9, 10))
    rows = StageInterval.objects.filter(opportunity=won)
    assert sorted(rows.values_list("via", "note")) == [
        ("imported", "Forecast there: Closed"),
        ("imported", "Forecast there: Pipeline"),
        ("imported", "Forecast there: Upside"),
    ]
    assert len(stays(known_as("Edge SLA"))) == 1
    # The history of the fourth deal ends in another stage than the deal: where it stands stays the last word.
    assert [stay[0] for stay in stays(known_as("Pyramid Later"))] == ["qualification", "contracting"]
    assert interval_faults() == []
    assert counts(bring(known, cast.rita, "opportunity_history", HISTORY))[:3] == (0, 0, 5)


def test_history_behind_a_move_made_here_is_refused(cast: Cast, known: Path) -> None:
    bring(known, cast.rita, "opportunity", DEALS)
    deal = known_as("Edge SLA")
    assign_opportunity(by=cast.rita, pk=deal.pk, owner=cast.alice, reason=WHY)
    make_ready(cast, deal)
    with clocks.at(clocks.now() - timedelta(days=10)):
        move_stage(by=cast.alice, pk=deal.pk, to="proposal", reason_code=ADVANCE)
    head, now = HISTORY.splitlines()[0], clocks.now()
    content = (
        f"{head}\nH8,D2,01/06/26 12:00 AM,Qualification,10,Pipeline\n"
        f"H9,D2,{now - timedelta(days=5):%m/%d/%y %I:%M %p},Qualification,10,Pipeline\n"
    )
    report = bring(known, cast.rita, "opportunity_history", content)
    assert counts(report) == (1, 0, 0, 1, 0)
    assert told(report) == [("OPP-072", 3, "active_from")]
    assert [stay[0] for stay in stays(known_as("Edge SLA"))] == ["qualification", "evaluation", "proposal"]
    assert interval_faults() == []


def test_history_is_for_migrations_alone(cast: Cast, known: Path) -> None:
    bring(known, cast.rita, "opportunity", DEALS)
    report = bring(known, cast.rita, "opportunity_history", HISTORY, migration=False)
    assert counts(report)[3] == 5
    assert {code for code, _, _ in told(report)} == {"OPP-070"}


def test_contacts_come_in_with_listed_roles_and_others_with_their_label(cast: Cast, known: Path) -> None:
    bring(known, cast.rita, "opportunity", DEALS)
    assert OppContactRole.objects.count() == 1
    rehearsed = bring(known, cast.rita, "contact_role", ROLES, dry_run=True)
    report = bring(known, cast.rita, "contact_role", ROLES)
    assert counts(rehearsed) == counts(report) == (4, 0, 0, 1, 0)
    assert ("OPP-063", 6, "contact") in told(report)
    rows = OppContactRole.objects.order_by("pk").values_list(
        "contact__name", "role", "raw_label", "is_primary"
    )
    assert list(rows) == [
        ("Gonzalez", "economic_buyer", "", True),
        ("Forbes", "other", "Donor", False),
        ("Forbes", "other", "Soft Credit", False),
        ("Ripley", "user", "", False),
    ]
    assert counts(bring(known, cast.rita, "contact_role", ROLES))[:4] == (0, 0, 4, 1)


def test_ordinary_import_opens_deals_and_never_wins_one(cast: Cast, known: Path) -> None:
    head = "external_id,account,close_date,amount,stage,primary_product,use_case,source\n"
    from opportunities.models import UseCase
    from tests.opportunities.conftest import make_product

    product, case = make_product(cast), UseCase.objects.get(code="IntelQQL")
    account = known_account(cast)
    tail = f"PRO-{product.pk:06d},,web"
    content = head + f"X1,{account},2027-03-01,5,closed_won,{tail}\nX2,{account},2027-03-01,5,,{tail}\n"
    report = bring(known, cast.rita, "opportunity", content, "columns", date_format="")
    assert counts(report) == (0, 0, 0, 2, 0)
    assert told(report) == [("OPP-070", 2, "stage"), ("OPP-002", 2, "use_case"), ("OPP-002", 3, "use_case")]
    assert case.is_active
    assert not Opportunity.objects.filter(stage=Stage.CLOSED_WON).exists()


def known_account(cast: Cast) -> str:
    from accounts.models import Account

    return f"ACC-{Account.objects.get(name='Edge Communications').pk:06d}"


def test_ordinary_import_leaves_the_stage_and_asks_for_the_reason_of_a_later_date(
    cast: Cast, known: Path
) -> None:
    bring(known, cast.rita, "opportunity", DEALS)
    moved = DEALS.replace("Edge SLA,Id. Decision Makers", "Edge SLA,Closed Won").replace(
        "D4,A2,Pyramid Later,Negotiation/Review,9000,90,02/03/27",
        "D4,A2,Pyramid Later,Negotiation/Review,9000,90,02/03/28",
    )
    report = bring(known, cast.rita, "opportunity", moved, migration=False)
    found = told(report)
    assert ("OPP-070", 3, "stage") in found
    assert ("OPP-010", 5, "close_date") in found
    assert known_as("Edge SLA").stage == "evaluation"
    assert str(known_as("Pyramid Later").close_date) == "2027-02-03"


def test_second_migration_moves_what_moved_there(cast: Cast, known: Path) -> None:
    bring(known, cast.rita, "opportunity", DEALS)
    moved = DEALS.replace("Edge SLA,Id. Decision Makers,15000,60", "Edge SLA,Proposal/Price Quote,16000,75")
    moved = moved.replace("9000,90,02/03/27", "9000,90,05/03/27")
    report = bring(known, cast.rita, "opportunity", moved)
    assert counts(report)[:3] == (0, 2, 2)
    deal, later = known_as("Edge SLA"), known_as("Pyramid Later")
    assert (deal.stage, deal.amount, len(stays(deal))) == ("proposal", Decimal(16_000), 2)
    assert (later.push_count, later.name) == (1, "SMB-EMEA-X-X-Q2")
    assert interval_faults() == []


def test_unknown_account_is_never_forgiven(cast: Cast, known: Path) -> None:
    report = bring(known, cast.rita, "opportunity", DEALS.replace("D1,A1", "D1,A9"))
    assert counts(report) == (3, 0, 0, 1, 1)
    assert ("IMP-109", 2, "account") in told(report)


def test_unlisted_stage_is_taken_as_the_first_and_told(cast: Cast, known: Path) -> None:
    content = DEALS.replace("Id. Decision Makers", "Daydreaming")
    report = bring(known, cast.rita, "opportunity", content)
    assert ("IMP-123", 3, "stage") in told(report)
    assert known_as("Edge SLA").stage == "qualification"


def test_end_of_a_deal_is_told_by_the_other_system(cast: Cast, known: Path) -> None:
    content = DEALS.replace("Edge Generators,Closed Won", "Edge Generators,Pledged")
    report = bring(known, cast.rita, "opportunity", content)
    assert ("OPP-071", 2, "stage") in told(report)
    assert known_as("Edge Generators").stage == "closed_won"


def test_deals_without_an_account_are_kept_and_find_theirs_later(cast: Cast, tmp_path: Path) -> None:
    lay_lists()
    companies = "id,property_name\n77,Acme\n"
    bring(tmp_path, cast.rita, "account", companies, "hubspot", date_format="")
    deals = "deal_id,property_dealname,property_amount,deal_pipeline_stage_id,property_closedate,property_createdate\n"
    deals += "5,Big,100,contractsent,2026-03-01,2026-01-01 10:00:00\n6,Small,,,,2026-01-02 10:00:00\n"
    report = bring(tmp_path, cast.rita, "opportunity", deals, "hubspot", date_format="")
    assert counts(report) == (2, 0, 0, 0, 0)
    big, small = known_as("Big"), known_as("Small")
    assert (big.account.name, big.stage) == ("Deals without an account (hubspot)", "contracting")
    assert small.account_id == big.account_id
    owners = "company_id,deal_id\n77,5\n77,99\n"
    report = bring(tmp_path, cast.rita, "opportunity", owners, "hubspot_companies", date_format="")
    assert counts(report) == (0, 1, 0, 1, 0)
    assert told(report) == [("OPP-073", 3, "external_id")]
    assert known_as("Big").account.name == "Acme"


@pytest.mark.parametrize(
    ("probability", "closed", "stage"),
    [
        ("1.0", True, "closed_won"),
        ("0.0", True, "closed_lost"),
        ("0.0", False, "qualification"),
        ("0.2", False, "discovery"),
        ("0.3", False, "discovery"),
        ("0.45", False, "evaluation"),
        ("0.9", False, "contracting"),
    ],
)
def test_hubspot_stage_is_the_nearest_of_ours(probability: str, closed: bool, stage: str) -> None:
    assert by_probability(Decimal(probability), closed=closed) == stage


def test_hubspot_table_of_stages_is_read_as_it_is_exported() -> None:
    table = [
        {"stage_id": "a", "probability": "1.0", "is_closed": "TRUE"},
        {"stage_id": "b", "probability": "0.6", "is_closed": "FALSE"},
        {"stage_id": "c", "probability": "0.0"},
        {"stage_id": "d", "probability": ""},
        {"stage_id": "", "probability": "0.2"},
    ]
    assert of_pipeline(table) == {
        "a": Stage.CLOSED_WON,
        "b": Stage.PROPOSAL,
        "c": Stage.CLOSED_LOST,
    }


@pytest.mark.parametrize("name", ["alice", "mona", "cleo", "otto", "mark"])
def test_who_may_not_import_brings_in_nothing(cast: Cast, known: Path, name: str) -> None:
    for kind, content in (("opportunity", DEALS), ("opportunity_history", HISTORY), ("contact_role", ROLES)):
        with unchanged(), pytest.raises(FileRefused):
            bring(known, cast.people[name], kind, content)


def statements(cast: Cast, folder: Path, kind: str, content: str, **how: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        bring(folder, cast.rita, kind, content, **how)
    return len(caught)


def test_statements_do_not_grow_with_the_rows(cast: Cast, known: Path, settled_organisation: None) -> None:
    open_deal(cast)
    head, rows = DEALS.splitlines()[0], DEALS.splitlines()[1:4]
    few = "\n".join([head, *rows]) + "\n"
    many = "\n".join(
        [head, *(row.replace(f"D{n},", f"E{i}{n},", 1) for i in range(6) for n, row in enumerate(rows, 1))]
    )
    first = statements(cast, known, "opportunity", few)
    second = statements(cast, known, "opportunity", many + "\n")
    assert second - first <= 2, (first, second)
    head, rows = HISTORY.splitlines()[0], HISTORY.splitlines()[1:4]
    few = "\n".join([head, *rows]) + "\n"
    many = "\n".join(
        [head]
        + [row.replace(f"H{n},D1", f"K{i}{n},E{i}1", 1) for i in range(6) for n, row in enumerate(rows, 1)]
    )
    first = statements(cast, known, "opportunity_history", few)
    second = statements(cast, known, "opportunity_history", many + "\n")
    assert second - first <= 2, (first, second)
    assert interval_faults() == []


def test_whole_migration_in_single_rows_ends_like_one_in_chunks(cast: Cast, tmp_path: Path) -> None:
    lay_lists()
    bring_all(tmp_path, cast.rita, chunk=1)
    assert (Opportunity.objects.count(), StageInterval.objects.count()) == (4, 7)
    assert (interval_faults(), ledger_faults()) == ([], [])


def test_imported_activity_is_linked_to_the_deal_that_it_names(cast: Cast, known: Path) -> None:
    bring(known, cast.rita, "opportunity", DEALS)
    tasks = (
        "Id,WhatId,WhoId,Subject,TaskSubtype,Status,CallType,CallDisposition,CallDurationInSeconds,CompletedDateTime\n"
        "T1,D2,C1,Call about the offer,Call,Completed,Inbound,Connected,600,2026-03-02T10:00:00Z\n"
        "T2,D2,C1,Short call,Call,Completed,Outbound,Connected,20,2026-03-09T10:00:00Z\n"
        "T3,D9,C1,About a deal nobody knows,Call,Completed,Outbound,Connected,600,2026-03-10T10:00:00Z\n"
    )
    report = bring(known, cast.rita, "activity", tasks)
    assert counts(report) == (3, 0, 0, 0, 0)
    links = OpportunityActivity.objects.order_by("activity__occurred_at")
    assert list(links.values_list("opportunity__former_names__name", "activity__subject")) == [
        ("Edge SLA", "Call about the offer"),
        ("Edge SLA", "Short call"),
    ]
    assert known_as("Edge SLA").last_buyer_activity_at == instant(2026, 3, 2, 10)
