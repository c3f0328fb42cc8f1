"""Contacts and leads in bulk: files as Salesforce and HubSpot write them, findings, constant statements."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import create_account, create_contact, create_lead, edit_contact
from accounts.models import Account, Contact, ContactEmail, ContactPhone, Lead
from revops.kernel.exchange import importing
from revops.kernel.exchange.findings import FileRefused
from revops.kernel.exchange.options import Options
from revops.kernel.exchange.reports import Report
from revops.kernel.people import actions
from tests.cast import Cast
from tests.evidence import ledger_faults, unchanged

pytestmark = pytest.mark.django_db
ACCOUNTS = """Id,Name,BillingCountry
A1,Edge Communications,United States
A2,GenePoint,Germany
"""
_OF_CONTACTS = (
    "Id,IsDeleted,AccountId,LastName,FirstName,Phone,MobilePhone,HomePhone,Email,Title,Department,LeadSource,"
    "OwnerId,CreatedDate"
)
CONTACTS = f"""{_OF_CONTACTS}
C1,FALSE,A1,Gonzalez,Rose,(512) 757-6000,(512) 757-9340,,rose@edge.com,CFO,Finance,Trade Show,,02/24/26 02:18 AM
C2,FALSE,A2,Frank,Edna,030 901820,,030 901821,efrank@genepoint.com,VP,Executive Team,Public Relations,bob@example.com,
C3,FALSE,A2,Levy,Babara,,,,b.levy@expressl&t.net,,Warehouse,,005X,
C4,FALSE,,,Sean,,,,ROSE@edge.com,,,,,
C5,TRUE,A1,Gone,,,,,gone@edge.com,,,,,
C6,FALSE,A9,Lost,,,,,lost@edge.com,,,,,
"""
_OF_LEADS = (
    "Id,LastName,FirstName,Company,Phone,Email,LeadSource,Status,Country,OwnerId,IsConverted,ConvertedDate,"
    "ConvertedAccountId,ConvertedContactId,CreatedDate"
)
LEADS = f"""{_OF_LEADS}
L1,Boxer,Bertha,Coop,8506444200,bertha@fcof.net,Web,Open - Not Contacted,US,alice@example.com,FALSE,,,,02/23/26 08:55 PM
L2,Cotton,Phyllis,Abbott,(703) 757-1000,pcotton@abbott.net,Purchased List,Working - Contacted,US,,FALSE,,,,
L3,Gonzalez,Rose,Edge,,rose@edge.com,Phone Inquiry,Closed - Converted,,,TRUE,02/24/26,A1,C1,
L4,Frank,Edna,GenePoint,,efrank@genepoint.com,Partner Referral,Working - Contacted,,,FALSE,,,,
L5,Again,Bertha,Farmers,,BERTHA@fcof.net,Web,Working - Contacted,,,FALSE,,,,
L6,,Nobody,,,,,Closed - Not Converted,,,FALSE,,,,
L7,Snyder,Kathy,TNR,,,Web,Closed - Converted,,,TRUE,02/25/26,A8,,
"""


def bring(
    cast: Cast, tmp_path: Path, noun: str, text: str, *, mapping: str = "salesforce", **more: Any
) -> Report:
    path = tmp_path / f"{noun}.csv"
    path.write_text(text)
    options = more.pop("options", Options(date_format="mdy"))
    by = more.pop("by", cast.rita)
    return importing.run(by=by, record_type=noun, path=path, mapping=mapping, options=options, **more)


def told(report: Report) -> list[tuple[int, str, str]]:
    return sorted((one["line"], one["code"], one["weight"]) for one in report.findings if one["line"] > 1)


def counts(report: Report) -> dict[str, int]:
    return {str(key): value for key, value in report.counts.items() if value}


def test_contacts_of_salesforce_come_in_with_their_history(cast: Cast, tmp_path: Path) -> None:
    bring(cast, tmp_path, "account", ACCOUNTS)
    report = bring(cast, tmp_path, "contact", CONTACTS)
    assert counts(report) == {"created": 4, "rejected": 1, "skipped": 1}
    assert told(report) == [
        (3, "IMP-123", "warning"),
        (4, "CON-001", "warning"),
        (4, "IMP-123", "warning"),
        (4, "IMP-140", "warning"),
        (5, "CON-003", "warning"),
        (5, "CON-014", "warning"),
        (7, "IMP-109", "error"),
    ]
    rose, edna, babara, sean = Contact.objects.order_by("pk")
    assert (rose.primary_email, rose.primary_phone, rose.department) == (
        "rose@edge.com",
        "+15127576000",
        "finance",
    )
    assert (rose.created_at.isoformat(), rose.source_original) == ("2026-02-24T02:18:00+00:00", "trade_show")
    assert (rose.account, rose.queue) == (Account.objects.get(name="Edge Communications"), cast.unassigned)
    assert (edna.owner, edna.source_original, edna.source_note) == (cast.bob, "other", "Public Relations")
    assert (edna.primary_phone, edna.department) == ("+4930901820", "executive")
    assert set(ContactPhone.objects.filter(contact=edna).values_list("number", "kind")) == {
        ("+4930901820", "work"),
        ("+4930901821", "personal"),
    }
    assert (babara.primary_email, babara.department) == ("", "other")
    assert (sean.name, sean.primary_email, sean.account) == ("Sean", "", None)
    assert ledger_faults() == []


def test_same_file_again_changes_nothing_and_a_newer_one_adds(cast: Cast, tmp_path: Path) -> None:
    bring(cast, tmp_path, "account", ACCOUNTS)
    bring(cast, tmp_path, "contact", CONTACTS)
    report = bring(cast, tmp_path, "contact", CONTACTS)
    assert counts(report) == {"unchanged": 4, "rejected": 1, "skipped": 1}
    newer = CONTACTS.replace("CFO,Finance", "CEO,Finance").replace("rose@edge.com", "rose@new.com")
    newer = newer.replace("(512) 757-9340", "(512) 757-9341").replace(
        "bob@example.com", "charlie@example.com"
    )
    report = bring(cast, tmp_path, "contact", newer)
    assert counts(report) == {"updated": 2, "unchanged": 2, "rejected": 1, "skipped": 1}
    rose, edna = Contact.objects.order_by("pk")[:2]
    assert (rose.title, rose.primary_email, rose.version) == ("CEO", "rose@edge.com", 2)
    assert set(rose.emails.values_list("address", flat=True)) == {"rose@edge.com", "rose@new.com"}
    assert rose.phones.count() == 3
    assert edna.owner == cast.charlie
    assert ledger_faults() == []


def test_edit_here_is_not_overwritten_by_a_newer_file(cast: Cast, tmp_path: Path) -> None:
    bring(cast, tmp_path, "account", ACCOUNTS)
    bring(cast, tmp_path, "contact", CONTACTS)
    rose = Contact.objects.get(last_name="Gonzalez")
    edit_contact(by=cast.rita, pk=rose.pk, changes={"title": "Chief"})
    report = bring(cast, tmp_path, "contact", CONTACTS.replace("CFO,Finance", "CEO,Finance"))
    assert (2, "IMP-130", "error") in told(report)
    rose.refresh_from_db()
    assert rose.title == "Chief"


def test_ordinary_import_goes_through_every_rule(cast: Cast, tmp_path: Path) -> None:
    create_contact(by=cast.alice, values={"last_name": "Known", "email": "known@edge.com"})
    create_lead(
        by=cast.alice, values={"last_name": "L", "company": "C", "source_original": "web", "email": "l@e.com"}
    )
    text = """external_id,last_name,email,created_at,phone
1,Fine,fine@edge.com,,
2,Taken,known@edge.com,,
3,Bad,bad,,
4,Past,past@edge.com,2020-01-01T09:00:00Z,
5,Again,FINE@edge.com,,
6,Number,n@edge.com,,none
7,Lead,l@e.com,,
"""
    report = bring(cast, tmp_path, "contact", text, mapping="columns")
    assert told(report) == [
        (3, "CON-012", "error"),
        (4, "CON-001", "error"),
        (5, "CON-018", "error"),
        (6, "CON-014", "error"),
        (7, "CON-002", "error"),
        (8, "CON-013", "warning"),
    ]
    assert set(Contact.objects.values_list("name", flat=True)) == {"Known", "Fine", "Lead"}


@pytest.mark.parametrize("chunk", [2, 500])
def test_rehearsal_tells_what_the_import_does(cast: Cast, tmp_path: Path, chunk: int) -> None:
    rows = [{"Id": f"C{n}", "LastName": f"No {n}", "Email": f"a{n % 4}@edge.com"} for n in range(7)]
    path = tmp_path / "contacts.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["Id", "LastName", "Email"])
        writer.writeheader()
        writer.writerows(rows)
    given: dict[str, Any] = {"by": cast.rita, "record_type": "contact", "path": path, "mapping": "salesforce"}
    with unchanged():
        rehearsed = importing.run(**given, dry_run=True, chunk=chunk)
    done = importing.run(**given, chunk=chunk)
    assert counts(rehearsed) == counts(done) == {"created": 7}
    assert Counter(line for line, _, _ in told(rehearsed)) == Counter(line for line, _, _ in told(done))
    assert [line for line, _, _ in told(done)] == [6, 7, 8]
    assert ContactEmail.objects.count() == 4


def test_leads_of_salesforce_come_in_with_what_they_became(cast: Cast, tmp_path: Path) -> None:
    bring(cast, tmp_path, "account", ACCOUNTS)
    bring(cast, tmp_path, "contact", CONTACTS)
    report = bring(cast, tmp_path, "lead", LEADS)
    assert counts(report) == {"created": 7}
    assert told(report) == [
        (6, "LEA-014", "warning"),
        (7, "LEA-003", "warning"),
        (7, "LEA-003", "warning"),
        (7, "LEA-003", "warning"),
        (7, "LEA-004", "warning"),
        (8, "IMP-109", "warning"),
        (8, "LEA-004", "warning"),
    ]
    one, two, three, four, five, six, seven = Lead.objects.order_by("pk")
    assert (one.owner, one.status, one.created_at.isoformat()) == (
        cast.alice,
        "new",
        "2026-02-23T20:55:00+00:00",
    )
    assert (one.phone, one.source_original, two.status) == ("+18506444200", "web", "working")
    rose, edna = Contact.objects.order_by("pk")[:2]
    assert (three.status, three.converted_account, three.converted_contact) == (
        "converted",
        rose.account,
        rose,
    )
    assert three.converted_at is not None
    assert three.converted_at.date().isoformat() == "2026-02-24"
    assert (four.matched_contact, four.matched_account) == (edna, edna.account)
    assert (five.email, six.last_name, six.company, six.source_original) == ("", "Nobody", "Unknown", "other")
    assert (seven.status, seven.converted_account) == ("converted", None)
    assert counts(bring(cast, tmp_path, "lead", LEADS)) == {"unchanged": 7}
    assert ledger_faults() == []


def test_newer_file_moves_leads_on_and_keeps_the_original_source(cast: Cast, tmp_path: Path) -> None:
    bring(cast, tmp_path, "lead", LEADS)
    newer = LEADS.replace("Web,Open - Not Contacted", "Phone Inquiry,Working - Contacted")
    report = bring(cast, tmp_path, "lead", newer.replace("pcotton@abbott.net", "phyllis@abbott.net"))
    assert counts(report) == {"updated": 2, "unchanged": 5}
    one, two = Lead.objects.order_by("pk")[:2]
    assert (one.status, one.source_original, one.version) == ("working", "web", 2)
    assert (two.email_key, two.email_domain) == ("phyllis@abbott.net", "abbott.net")


def test_lifecycle_of_hubspot_becomes_our_states(cast: Cast, tmp_path: Path) -> None:
    stages = {
        "lead": "new",
        "marketingqualifiedlead": "accepted",
        "salesqualifiedlead": "working",
        "opportunity": "converted",
        "customer": "converted",
        "other": "new",
    }
    rows = [f"{n},Last {n},Edge,l{n}@edge.com,{stage}" for n, stage in enumerate(stages)]
    text = "\n".join(["Record ID,Last Name,Company name,Email,Lifecycle Stage", *rows])
    bring(cast, tmp_path, "lead", text, mapping="hubspot")
    assert list(Lead.objects.order_by("pk").values_list("status", flat=True)) == list(stages.values())


def test_ordinary_import_of_leads_sets_no_history(cast: Cast, tmp_path: Path) -> None:
    text = """external_id,last_name,company,source_original,email,status,converted_at
1,Fine,Edge,web,a@edge.com,new,
2,Ahead,Edge,web,b@edge.com,working,
3,Done,Edge,web,c@edge.com,,2026-01-01T09:00:00Z
4,Twice,Edge,web,A@edge.com,,
5,No source,Edge,,e@edge.com,,
"""
    report = bring(cast, tmp_path, "lead", text, mapping="columns")
    assert told(report) == [
        (3, "LEA-018", "error"),
        (4, "LEA-018", "error"),
        (5, "LEA-014", "error"),
        (6, "LEA-003", "error"),
    ]
    assert [lead.name for lead in Lead.objects.all()] == ["Fine"]


def test_marketing_imports_leads_but_names_no_owner(cast: Cast, tmp_path: Path) -> None:
    own = LEADS.replace(",OwnerId", ",Agent")
    assert counts(bring(cast, tmp_path, "lead", own, by=cast.mark)) == {"created": 7}
    for by, text in ((cast.mark, LEADS), (cast.alice, own), (cast.mona, own)):
        with unchanged(), pytest.raises(FileRefused) as refusal:
            bring(cast, tmp_path, "lead", text, by=by)
        assert {finding.code for finding in refusal.value.findings} <= {"IMP-015", "IMP-016"}


def test_what_a_migration_brings_without_an_owner_waits_in_its_own_queue(cast: Cast, tmp_path: Path) -> None:
    queue = actions.create_queue(
        by=cast.ada, name="Migration", key="migration", team=cast.teams["Operations"], members=[cast.rita]
    )
    bring(cast, tmp_path, "lead", LEADS)
    bring(cast, tmp_path, "contact", "Id,LastName,Email\nC1,Gonzalez,rose@edge.com\n")
    bring(cast, tmp_path, "contact", "external_id,last_name\n1,Forbes\n", mapping="columns")
    assert set(Lead.objects.exclude(owner=cast.alice).values_list("queue", flat=True)) == {queue.pk}
    held = dict(Contact.objects.values_list("last_name", "queue"))
    assert held == {"Gonzalez": queue.pk, "Forbes": cast.unassigned.pk}


@pytest.mark.parametrize("noun", ["contact", "lead"])
def test_statements_do_not_grow_with_rows(
    cast: Cast, settled_organisation: None, tmp_path: Path, noun: str
) -> None:
    create_account(by=cast.rita, values={"name": "Edge", "domain": "edge.com"})
    owners = [cast.people[key].email for key in ("alice", "bob", "charlie", "sam", "sven")]
    asked = []
    for size in (3, 12):
        path = tmp_path / f"{size}.csv"
        lines = ["Id,LastName,Company,LeadSource,Email,Phone,OwnerId"]
        lines += [
            f"{noun}{size}.{n},No {n},Edge,Web,a{size}.{n}@edge.com,(512) 757-6{n:03},{owners[n % 5]}"
            for n in range(size)
        ]
        path.write_text("\n".join(lines))
        with CaptureQueriesContext(connection) as queries:
            importing.run(by=cast.rita, record_type=noun, path=path, mapping="salesforce")
        asked.append(len(queries))
    assert asked[0] == asked[1]
