"""Evidence about to be written: read from typed values, with everything that speaks against it."""

from collections.abc import Mapping
from typing import Any

from accounts.models import Activity, Contact
from opportunities.actions import qualifying
from opportunities.actions.evidence import checks
from opportunities.models import OppContactRole, Opportunity, StageEvidence
from opportunities.policies.evidence import terms
from revops.kernel import audit, clocks
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

LINKS = {"stated_by": Contact, "activity": Activity, "contact_role": OppContactRole}
NEEDED = ("kind", "statement")


def read_evidence(deal: Opportunity, values: Mapping[str, Any], by: User) -> Draft:
    """Return a draft of evidence about a locked deal, with every finding; nothing is written.

    `values` are as somebody typed them: kind, statement, stated_by, occurred_at, and one of activity, url, contact_role
    and field_path. When nothing is said, it was said in the activity, else now; a contact in the deal who is the
    artifact said it. Raises Forbidden for a field one may not set.
    """
    given = {name: value for name, value in values.items() if value not in (None, "")}
    given.pop("opportunity", None)
    access.require_create(by, StageEvidence, given)
    draft = drafting.read(given, StageEvidence(opportunity=deal), code="EVD-001")
    drafting.link([draft], LINKS, by, code="OPP-003")
    drafting.need(draft, NEEDED, code="EVD-001")
    _fill_in(draft)
    draft.findings += qualifying.check_open(deal)
    weigh(draft, deal, by)
    return draft


def weigh(draft: Draft, deal: Opportunity, by: User) -> None:
    """Add every reason that the rules have against a draft."""
    now = max(clocks.now(), audit.happening_at())
    checks.check(draft, deal, terms(deal.segment), by, now)


def _fill_in(draft: Draft) -> None:
    """Put what goes without saying: who said it, and when."""
    role: OppContactRole | None = draft.given.get("contact_role")
    activity: Activity | None = draft.given.get("activity")
    if draft.given.get("stated_by") is None and role is not None:
        draft.given["stated_by"] = role.contact
    if draft.given.get("occurred_at") is None:
        draft.given["occurred_at"] = activity.occurred_at if activity is not None else audit.happening_at()
