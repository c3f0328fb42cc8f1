"""A small policy of its own, drafts of it, and requests for change brought as far as a test needs them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from governance.actions import rfcs
from governance.models import ChangeRequest
from revops.kernel import approvals, clocks
from revops.kernel.approvals.models import ApprovalStep
from revops.kernel.identity.models import User
from revops.kernel.policies import actions as policies
from revops.kernel.policies import documents as registry
from revops.kernel.policies.models import PolicyVersion
from tests.cast import Cast, cast, cast_of_module, committed_cast, organisation_at_once, settled_organisation
from tests.governance.papers import declare_limit

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_organisation"]

NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)
WAY_BACK = "One click brings the old limit back; operations watch the refusals for a day."
WORDS = {"problem": "Limits are too lax", "proposal": "A lower limit", "impact": "Sales ask more often"}
Make = Callable[..., ChangeRequest]


@pytest.fixture(autouse=True)
def documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register policies that only these tests have, beside the shipped ones."""
    monkeypatch.setattr(registry, "_documents", dict(registry._documents))
    declare_limit("opportunities.limit")
    declare_limit("quotes.limit")


@pytest.fixture
def at_ten() -> Iterator[datetime]:
    """Hold the clock on a Tuesday at ten."""
    with clocks.at(NOW):
        yield NOW


def draft_of(by: User, limit: int = 20, key: str = "opportunities.limit", **given: Any) -> PolicyVersion:
    return policies.draft_version(by=by, key=key, body={"limit": limit}, source_note="A test", **given)


def rfc_of(by: User, *drafts: PolicyVersion, **values: Any) -> ChangeRequest:
    given = {"title": "A lower limit", "rollback_plan": WAY_BACK, **WORDS, **values}
    return rfcs.create_rfc(by=by, values=given | {"drafts": ",".join(str(draft.pk) for draft in drafts)})


def decide_all(rfc: ChangeRequest, *people: User, decision: str = "approve", purpose: str = "rfc") -> None:
    """Let these people decide the open steps of a request, each the first that is theirs."""
    for person in people:
        request = approvals.request_of(rfc, purpose)
        assert request is not None
        for step in ApprovalStep.objects.filter(request=request, state="open").order_by("seq"):
            try:
                approvals.decide(by=person, step=step.pk, decision=decision, comment="Seen and understood")
                break
            except Exception as error:  # noqa: BLE001 - the next step may be theirs
                refused = error
        else:
            raise refused


@pytest.fixture
def approved(cast: Cast, at_ten: datetime) -> Make:
    """Bring a request of Olga's as far as approved, by Rita and Vera."""

    def make(limit: int = 20, **values: Any) -> ChangeRequest:
        rfc = rfc_of(cast.olga, draft_of(cast.olga, limit), **values)
        rfcs.submit(by=cast.olga, pk=rfc.pk)
        decide_all(rfc, cast.rita, cast.vera)
        return ChangeRequest.objects.get(pk=rfc.pk)

    return make
