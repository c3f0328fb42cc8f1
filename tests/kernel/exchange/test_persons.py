"""People of another system: known addresses are linked, unknown ones come in only through who may create people."""

import pytest

from revops.kernel.exchange import importing, linking, reverting
from revops.kernel.exchange.findings import FileRefused
from revops.kernel.exchange.models import ExternalLink, ImportRun
from revops.kernel.exchange.reports import Report
from revops.kernel.identity.models import SYSTEM_EMAIL, User
from revops.kernel.people import actions
from tests.cast import Cast
from tests.kernel.exchange.files import Csv, counts
from tests.kernel.exchange.prints import differing, fingerprint

PEOPLE = "Id,FirstName,LastName,Email\n005A,Alice,Able,ALICE@example.com\n005N,Nora,New,nora@example.com\n"


def people(csv_file: Csv, by: User, content: str = PEOPLE, *, dry_run: bool = False) -> Report:
    return importing.run(
        by=by, record_type="user", path=csv_file(content), mapping="salesforce", dry_run=dry_run
    )


def told(report: Report) -> list[tuple[str, int]]:
    return [(one["code"], one["line"]) for one in report.findings]


@pytest.fixture
def both(cast: Cast) -> User:
    """Somebody of operations who administers as well: the one who may create people by an import."""
    actions.grant_role(by=cast.ada, user=cast.olga, role="ADMIN", reason="Runs the migration of this spring")
    return User.objects.get(pk=cast.olga.pk)


def test_known_addresses_are_linked_and_unknown_ones_told(cast: Cast, csv_file: Csv) -> None:
    before = User.objects.count()
    report = people(csv_file, cast.rita)
    assert (counts(report), told(report)) == ((0, 1, 0, 1, 0), [("IMP-141", 3)])
    assert User.objects.count() == before
    link = ExternalLink.objects.get()
    assert (link.system, link.external_id, link.record_id) == ("salesforce", "005A", cast.alice.pk)
    assert counts(people(csv_file, cast.rita)) == (0, 0, 1, 1, 0)


def test_whoever_may_create_people_brings_them_in_inactive(cast: Cast, both: User, csv_file: Csv) -> None:
    report = people(csv_file, both)
    assert (counts(report), told(report)) == ((1, 1, 0, 0, 0), [("IMP-142", 3)])
    nora = User.objects.get(email="nora@example.com")
    assert (nora.name, nora.is_active, nora.kind, nora.has_usable_password()) == (
        "Nora New",
        False,
        "person",
        False,
    )
    assert counts(people(csv_file, both)) == (0, 0, 2, 0, 0)


def test_dry_run_of_people_writes_nothing(both: User, csv_file: Csv) -> None:
    before = fingerprint()
    assert counts(people(csv_file, both, dry_run=True)) == (1, 1, 0, 0, 0)
    assert (differing(before), ImportRun.objects.count()) == ({}, 0)


def test_owner_is_found_by_the_id_of_the_other_system(cast: Cast, csv_file: Csv) -> None:
    people(csv_file, cast.rita)
    assert linking._people("salesforce", {"005A", "005N", "bob@example.com"}) == {
        "005A": cast.alice.pk,
        "bob@example.com": cast.bob.pk,
    }


def test_people_that_an_import_brought_are_taken_back(cast: Cast, both: User, csv_file: Csv) -> None:
    before = fingerprint()
    people(csv_file, both)
    run = ImportRun.objects.get()
    report = reverting.run(run, both)
    assert (report.removed, report.restored, report.kept) == (2, 0, 0)
    assert differing(before) == {}


def test_bad_rows_of_people_are_refused(cast: Cast, both: User, csv_file: Csv) -> None:
    rows = f"Id,Name,Email\n,Nobody,a@example.com\n1,X,nonsense\n1,Y,y@example.com\n2,S,{SYSTEM_EMAIL}\n"
    report = people(csv_file, both, rows)
    assert counts(report) == (0, 0, 0, 4, 0)
    assert told(report) == [("IMP-111", 2), ("PPL-002", 3), ("IMP-107", 4), ("IMP-112", 5)]


def test_person_without_the_right_links_nobody(cast: Cast, csv_file: Csv) -> None:
    for who in (cast.alice, cast.ada):
        with pytest.raises(FileRefused) as refusal:
            people(csv_file, who)
        assert [finding.code for finding in refusal.value.located] == ["IMP-016"]
    assert (ExternalLink.objects.count(), ImportRun.objects.count()) == (0, 0)


def test_file_without_an_address_column_is_refused(cast: Cast, csv_file: Csv) -> None:
    with pytest.raises(FileRefused) as refusal:
        people(csv_file, cast.rita, "Id,Name\n1,X\n")
    assert [(finding.code, finding.field) for finding in refusal.value.located] == [("IMP-014", "email")]
