"""Leads and contacts go back as well: with their addresses, numbers, memberships, owners and search words."""

import pytest

from revops.kernel.exchange import importing, reverting
from revops.kernel.exchange.models import ImportRun
from tests.cast import Cast
from tests.kernel.exchange.files import HEADER, Csv, bring_in
from tests.kernel.exchange.prints import differing, fingerprint

LEADS = "".join(
    f"00Q{i},Lena,Lead{i},Firm {i},lead{i}@firm{i}.com,+1 212 555 {i:04d},Web\n" for i in range(12)
)
CONTACTS = "".join(f"003{i},Carl,Contact{i},carl{i}@acme.com,+1 212 556 {i:04d},001A\n" for i in range(12))
FILES = {
    "lead": "Id,FirstName,LastName,Company,Email,Phone,LeadSource\n" + LEADS,
    "contact": "Id,FirstName,LastName,Email,Phone,AccountId\n" + CONTACTS,
}


@pytest.mark.parametrize("kind", sorted(FILES))
def test_reverted_import_of_people_leaves_the_database_as_it_was(
    cast: Cast, csv_file: Csv, kind: str
) -> None:
    bring_in(
        csv_file(HEADER + "001A,FALSE,Acme,Customer,,Austin,TX,United States,,,,acme.com,,\n"), cast.rita
    )
    before = fingerprint()
    first = FILES[kind]
    importing.run(by=cast.rita, record_type=kind, path=csv_file(first), mapping="salesforce", chunk=5)
    between = fingerprint()
    later = first.replace("Lena", "Magda").replace("Carl,", "Karl,").replace("+1 212", "+1 646")
    importing.run(by=cast.rita, record_type=kind, path=csv_file(later), mapping="salesforce", chunk=5)
    runs = list(ImportRun.objects.order_by("pk"))
    assert [(run.created, run.updated, run.rejected) for run in runs[1:]] == [(12, 0, 0), (0, 12, 0)]
    changed = reverting.run(runs[2], cast.rita)
    assert (changed.removed, changed.restored, changed.findings) == (0, 12, [])
    assert differing(between) == {}
    # The later import is gone, so the earlier one can go as well.
    assert reverting.run(runs[1], cast.rita).removed == 12
    assert differing(before) == {}
