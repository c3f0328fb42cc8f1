"""What speaks against a piece of evidence: every reason, each with what to do. Source: d2 `StageEvidence`."""

from datetime import datetime, timedelta
from typing import Any

from accounts.enums import ActivityOutcome, ContactStatus
from accounts.models import Activity, Contact
from opportunities.enums import EvidenceKind
from opportunities.models import OppContactRole, Opportunity, OpportunityActivity
from opportunities.policies.evidence import EvidenceTerms
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.drafting import Draft

LABEL = "opportunities.opportunity"
ARTIFACTS = ("activity", "url", "contact_role", "field_path")
# Activities in which nobody of the buyer's said anything.
SILENT = (
    ActivityOutcome.PLANNED,
    ActivityOutcome.NO_SHOW,
    ActivityOutcome.CANCELLED,
    ActivityOutcome.LEFT_MESSAGE,
    ActivityOutcome.NO_ANSWER,
)
# Whoever takes part in an activity says what they say until a day after it began, at the latest.
LASTS = timedelta(days=1)


def check(draft: Draft, deal: Opportunity, terms: EvidenceTerms, by: User, now: datetime) -> None:
    """Add every reason against a draft of evidence about a deal."""
    _check_statement(draft, terms)
    _check_artifact(draft, deal, by)
    _check_stated_by(draft, deal, terms)
    _check_occurred(draft, now)


def _told(draft: Draft, *names: str) -> bool:
    return any(finding.field in names for finding in draft.findings)


def _check_statement(draft: Draft, terms: EvidenceTerms) -> None:
    statement, least = (draft.value("statement") or "").strip(), terms.statement_length
    if not _told(draft, "statement") and len(statement) < least:
        message = (
            f"The statement has {len(statement)} characters and needs at least {least}. "
            "Write down what was said, as they said it."
        )
        draft.refuse("EVD-002", message, "statement", found=statement, needed=f"at least {least} characters")


def _check_artifact(draft: Draft, deal: Opportunity, by: User) -> None:
    """Add what speaks against where it can be looked up: exactly one place, and one of this deal."""
    given = [name for name in ARTIFACTS if draft.value(name) not in (None, "")]
    if len(given) > 1 or (not given and not _told(draft, *ARTIFACTS)):
        found = ", ".join(given) or "none"
        message = (
            f"Evidence can be looked up in one place; this names {len(given)} ({found}). "
            "Give one of an activity, a web address, a contact in the deal or a field of the deal."
        )
        draft.refuse(
            "EVD-003", message, given[-1] if given else "activity", found=found, needed="one of them"
        )
    if draft.value("activity") is not None:
        _check_activity(draft, deal, draft.value("activity"))
    role: OppContactRole | None = draft.value("contact_role")
    if role is not None and (role.opportunity_id != deal.pk or not role.is_active):
        message = "This contact is not in the deal in that role. Add them to it, or choose another."
        draft.refuse("EVD-009", message, "contact_role", found=role.pk, needed="a contact in the deal")
    if draft.given.get("field_path"):
        _check_field(draft, deal, draft.given["field_path"], by)


def _check_activity(draft: Draft, deal: Opportunity, activity: Activity) -> None:
    linked = OpportunityActivity.objects.filter(opportunity=deal, activity=activity, is_active=True)
    if activity.account_id != deal.account_id and not linked.exists():
        message = "This activity is about another account. Choose one about this deal or its account."
        draft.refuse("EVD-004", message, "activity", found=activity, needed="an activity about this deal")
    if activity.outcome in SILENT:
        outcome = ActivityOutcome(activity.outcome).label
        message = f"Nobody of the buyer's said anything in it: its outcome is “{outcome}”. Choose another."
        draft.refuse("EVD-005", message, "activity", found=outcome, needed="an activity that took place")


def _check_field(draft: Draft, deal: Opportunity, path: str, by: User) -> None:
    hidden = access.declarations()[LABEL].hidden
    field = registry.get(LABEL).by_name.get(path)
    if field is None or path in hidden or path not in access.readable(by, LABEL):
        message = f"{path} is no field of deals that everybody who sees this deal may read. Choose another."
        draft.refuse("EVD-013", message, "field_path", found=path, needed="a field of the deal")
    elif not said_in(deal, path):
        message = f"{field.label} of this deal is empty, so it shows nothing. Fill it in, or choose another."
        draft.refuse("EVD-014", message, "field_path", found=path, needed="a field with a value")


def said_in(deal: Opportunity, path: str) -> str:
    """Return what a field of a deal says now, in words and cut to what evidence keeps of it."""
    shown: Any = getattr(deal, f"get_{path}_display", None)
    value = shown() if callable(shown) else getattr(deal, path, None)
    return "" if value is None else str(value).strip()[:200]


def _check_stated_by(draft: Draft, deal: Opportunity, terms: EvidenceTerms) -> None:
    contact, kind = draft.value("stated_by"), draft.value("kind")
    if contact is None:
        if kind in EvidenceKind.values and terms.of(kind).buyer_side and not _told(draft, "stated_by"):
            message = f"{EvidenceKind(kind).label} is the buyer's to say. Name the contact who said it."
            draft.refuse("EVD-006", message, "stated_by", needed="a contact of the buyer's")
        return
    if "stated_by" in draft.given:
        _check_contact(draft, deal, contact)


def _check_contact(draft: Draft, deal: Opportunity, contact: Contact) -> None:
    if contact.tombstone_of_id is not None or contact.status == ContactStatus.ERASED:
        message = "This contact was merged into another one or erased. Name the person as they are kept now."
        draft.refuse("EVD-008", message, "stated_by", found=contact.pk, needed="a contact who is there")
        return
    inside = OppContactRole.objects.filter(opportunity=deal, contact=contact, is_active=True)
    if contact.account_id != deal.account_id and not inside.exists():
        message = (
            f"{contact} is neither at the account of this deal nor in the deal. Add them to the deal first."
        )
        needed = "a contact of the account or in the deal"
        draft.refuse("EVD-007", message, "stated_by", found=contact, needed=needed)


def _check_occurred(draft: Draft, now: datetime) -> None:
    at, activity = draft.value("occurred_at"), draft.value("activity")
    if at is None or _told(draft, "occurred_at"):
        return
    if at > now:
        message = f"It was said on {at:%Y-%m-%d %H:%M %Z}, which has not come yet. Give when it was said."
        draft.refuse("EVD-010", message, "occurred_at", found=at, needed="now or earlier")
    elif activity is not None and at > activity.occurred_at + LASTS:
        message = (
            f"The activity was on {activity.occurred_at:%Y-%m-%d}; what was said in it was not said on "
            f"{at:%Y-%m-%d}. Leave the time out, or choose a later activity."
        )
        draft.refuse("EVD-011", message, "occurred_at", found=at, needed="within a day of the activity")
