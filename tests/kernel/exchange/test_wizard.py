"""The wizard from an upload to the report: nothing guessed, nothing lost, nobody's rights exceeded."""


import pytest

from accounts.models import Account
from revops.kernel.exchange.drafts import wizard
from revops.kernel.exchange.models import ImportRun
from tests.cast import Cast
from tests.kernel.exchange.wizards import checked, import_dir, upload, worked

__all__ = ["import_dir"]
pytestmark = pytest.mark.usefixtures("settled_organisation", "import_dir")

SALESFORCE = (
    "Id,IsDeleted,Name,Type,Industry,AnnualRevenue,NumberOfEmployees,Website\n"
    "001A,FALSE,Acme,Prospect,Energy,1000.50,10,acme.com\n"
    "001B,FALSE,Beta,Customer,Energy,2000,20,beta.com\n"
)


def test_file_goes_from_upload_to_report(cast: Cast) -> None:
    draft = upload(cast.rita, SALESFORCE, name="Account.csv")
    assert (draft.state, draft.mapping, draft.total) == ("open", "salesforce", 2)
    draft = checked(cast.rita, draft)
    summary = wizard.summary(draft)
    assert summary is not None
    assert (draft.state, summary.rows, summary.created, summary.rejected) == ("checked", 2, 2, 0)
    assert Account.objects.count() == 0
    draft = worked(wizard.commit(by=cast.rita, pk=draft.pk))
    report = wizard.report(draft, by=cast.rita)
    assert (draft.state, report.rows, report.created, report.rejected) == ("done", 2, 2, 0)
    assert list(Account.objects.order_by("name").values_list("name", flat=True)) == ["Acme", "Beta"]
    assert ImportRun.objects.get().pk == report.run_id
