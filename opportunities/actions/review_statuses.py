"""How the legal, security and procurement reviews of a deal stand. Source: addenda `DealReviewStatus`.

A review goes one step on: not started, in review, then blocked or approved. Any other way says why. Whoever may qualify
the deal says so; the parts of the product for legal and security will say it by the same actions.
"""

from collections.abc import Mapping
from typing import Any

from accounts.actions import races
from opportunities.actions import qualifying
from opportunities.enums import ReviewKind, ReviewState
from opportunities.models import DealReviewStatus, Opportunity
from revops.kernel import audit, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.gates import debts
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft
from revops.kernel.records.registry import Field, FieldKind

LENGTHS = {"note": 400}
FIELDS = (
    Field("kind", "Review", FieldKind.CHOICE, choices=ReviewKind.choices, required=True),
    Field("state", "How it stands", FieldKind.CHOICE, choices=ReviewState.choices),
    Field("owner", "Who sees to it", FieldKind.PERSON, reference="identity.user"),
    Field(
        "note",
        "Note",
        FieldKind.LONG_TEXT,
        help="Needed where it blocks, and where it goes back: what stands in the way, what has changed.",
    ),
)
ONWARD: dict[str, tuple[ReviewState, ...]] = {
    ReviewState.NOT_STARTED: (ReviewState.IN_REVIEW,),
    ReviewState.IN_REVIEW: (ReviewState.BLOCKED, ReviewState.APPROVED),
    ReviewState.BLOCKED: (),
    ReviewState.APPROVED: (),
}
Values = Mapping[str, Any]


@races.told
def set_review(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> DealReviewStatus:
    """Say how a review of the deal `pk` stands: kind, state, owner, note; what is blank stays as it is.

    Raises Blocked with every finding.
    """
    with audit.change(by=by, action="opportunity.set_review", reason=reason):
        deal = qualifying.lock(by, pk, version)
        row = write_review(deal, values, by=by)
        debts.settle(deal)
        return row


@races.told
def create_review(*, by: User, values: Values, reason: str = "") -> DealReviewStatus:
    """Say how a review stands of the deal that `values` name, as programs do; a review known before is changed."""
    with audit.change(by=by, action="opportunity.set_review", reason=reason):
        access.require_create(by, DealReviewStatus, values)
        deal = qualifying.lock_named(by, values.get("opportunity"))
        rest = {name: value for name, value in values.items() if name != "opportunity"}
        row = write_review(deal, rest, by=by)
        debts.settle(deal)
        return row


@races.told
def edit_review(
    *, by: User, pk: int, changes: Values, version: int | None = None, reason: str = ""
) -> DealReviewStatus:
    """Change how a review stands; what is given as empty is emptied. Raises as `set_review`, and Conflict."""
    with audit.change(by=by, action="opportunity.set_review", reason=reason):
        seen = DealReviewStatus.objects.visible_to(by)
        deal = qualifying.lock(by, seen.values_list("opportunity_id", flat=True).get(pk=pk))
        row: DealReviewStatus = audit.lock(seen, pk=pk, version=version)
        access.require_edit(by, row, changes)
        fixed = {"opportunity": str(deal.pk), "kind": str(row.kind)}
        rest = {name: value for name, value in changes.items() if name not in fixed}
        draft = drafting.read(rest, row, never_empty=("state",), code="OPP-147")
        for name in sorted(fixed.keys() & changes.keys()):
            if str(changes[name]) != fixed[name]:
                message = f"The {name} of a review does not change. Set the other one."
                draft.refuse("OPP-142", message, name, found=changes[name], needed=fixed[name])
        _write(draft, deal)
        debts.settle(deal)
        return row


def write_review(deal: Opportunity, values: Values, *, by: User) -> DealReviewStatus:
    """Say how a review of a locked deal stands, inside the open change; `values` as `set_review` takes them."""
    cleaned = qualifying.read(FIELDS, qualifying.said(values), what="a review", lengths=LENGTHS)
    kind = cleaned.values.pop("kind", None)
    if kind is None:
        raise audit.Blocked([*cleaned.findings, *qualifying.check_open(deal)])
    held = lock_many(DealReviewStatus.objects.filter(opportunity=deal, kind=kind))
    row = held[0] if held else DealReviewStatus(opportunity=deal, kind=kind)
    _write(Draft(row, cleaned.values, list(cleaned.findings)), deal)
    return row


def _write(draft: Draft, deal: Opportunity) -> None:
    """Check what is said of a review, and write it. Raises Blocked."""
    row: DealReviewStatus = draft.record
    before, version, now = str(row.state), row.version, audit.current().occurred_at
    draft.findings += qualifying.check_open(deal)
    if draft.given.get("owner") is not None:
        draft.given["owner"], told = qualifying.person(draft.given["owner"], "owner")
        draft.findings += told
    _check(draft, before)
    if draft.findings:
        raise audit.Blocked(draft.findings)
    moved = draft.value("state") != before
    if moved:
        draft.given.setdefault("note", "")  # the note of the former state stays in its history
    if moved or draft.is_new:
        row.state_since = now
    is_new = draft.is_new
    drafting.put(draft)
    audit.write(row)
    if is_new or row.version != version:
        _tell(row, before)


def _check(draft: Draft, before: str) -> None:
    """Add what speaks against the way from one state to another, and against saying too little about it."""
    to, kind = str(draft.value("state")), ReviewKind(draft.record.kind).label
    note = draft.given.get("note", "" if to != before else draft.record.note) or ""
    skips = before == ReviewState.NOT_STARTED and to in (ReviewState.BLOCKED, ReviewState.APPROVED)
    if skips:
        message = f"The {kind.lower()} review has not started. Set it to “In review” first."
        draft.refuse("OPP-146", message, "state", found=to, needed=ReviewState.IN_REVIEW)
    elif to == ReviewState.BLOCKED and not note.strip():
        message = f"What blocks the {kind.lower()} review? Say it in the note."
        draft.refuse("OPP-147", message, "note", needed="what blocks it")
    elif to != before and to not in ONWARD[before] and not note.strip():
        labels = f"{ReviewState(before).label.lower()} to {ReviewState(to).label.lower()}"
        message = f"The {kind.lower()} review goes from {labels}: say in the note what has changed."
        draft.refuse("OPP-147", message, "note", needed="what has changed")


def _tell(row: DealReviewStatus, before: str) -> None:
    payload = {
        "opportunity": row.opportunity_id,
        "kind": str(row.kind),
        "before": before,
        "state": str(row.state),
        "owner": row.owner_id,
        "by": audit.current().by.pk,
    }
    outbox.emit("opportunity.review_changed", row, payload)
