"""Taking imports of deals back: what was there before stands again."""

from pathlib import Path

from opportunities.models import NameHistory, OppContactRole, Opportunity, StageInterval
from revops.kernel.exchange import reverting
from revops.kernel.exchange.models import ImportRun
from tests.cast import Cast
from tests.evidence import ledger_faults
from tests.opportunities.conftest import lay_lists
from tests.opportunities.files import (
    ACCOUNTS,
    CONTACTS,
    DEALS,
    HISTORY,
    ROLES,
    bring,
    known_as,
    stays,
)
from tests.opportunities.intervals import interval_faults


def take_back(cast: Cast, kind: str) -> None:
    run = ImportRun.objects.filter(record_type=kind).latest("pk")
    reverting.run(run, cast.rita)


def test_history_and_roles_are_taken_back_to_what_the_deals_said(cast: Cast, tmp_path: Path) -> None:
    lay_lists()
    for kind, content in (("account", ACCOUNTS), ("contact", CONTACTS), ("opportunity", DEALS)):
        bring(tmp_path, cast.rita, kind, content)
    before = {deal.pk: stays(deal) for deal in Opportunity.objects.all()}
    roles = list(OppContactRole.objects.values_list("role", "raw_label", "is_primary"))
    bring(tmp_path, cast.rita, "opportunity_history", HISTORY)
    bring(tmp_path, cast.rita, "contact_role", ROLES)
    take_back(cast, "opportunities.oppcontactrole")
    assert list(OppContactRole.objects.values_list("role", "raw_label", "is_primary")) == roles
    take_back(cast, "opportunities.stageinterval")
    assert {deal.pk: stays(deal) for deal in Opportunity.objects.all()} == before
    assert interval_faults() == []
    assert known_as("Edge Generators").booked_at is not None
    take_back(cast, "opportunities.opportunity")
    for model in (Opportunity, StageInterval, NameHistory, OppContactRole):
        assert model.objects.count() == 0, model
    assert ledger_faults() == []
