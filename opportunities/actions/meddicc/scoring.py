"""An element of MEDDICC is scored: one row an element and deal, written under the lock of the deal."""

from collections.abc import Mapping
from typing import Any

from accounts.actions import races
from opportunities.actions import evidence, qualifying, resting
from opportunities.actions.meddicc import checks, inline
from opportunities.actions.meddicc.fields import FIELDS, INLINE, LENGTHS, MITIGATION, SOMEBODY
from opportunities.enums import Element
from opportunities.models import Meddicc, OppContactRole, Opportunity, StageEvidence
from revops.kernel import audit, outbox
from revops.kernel.audit.writing import lock_many
from revops.kernel.gates import debts
from revops.kernel.identity.models import User
from revops.kernel.packets.actions import add_obligation
from revops.kernel.packets.enums import ObligationKind
from revops.kernel.packets.models import Obligation
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft
from revops.kernel.records.work import subjects

Values = Mapping[str, Any]


@races.told
def score(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Meddicc:
    """Score one element of the deal `pk`: 0 unknown, 1 claimed, 2 evidenced; what is blank stays as it stands.

    `values` are typed: element, score, statement, contact, on, and what it rests on: `evidence` of this deal, or new
    evidence (stated_by, activity or url, occurred_at) that is written with it. A risk takes its mitigation: text,
    owner, day. A champion and an economic buyer are put into the deal in that role. Raises Blocked with every finding.
    """
    with audit.change(by=by, action="opportunity.score", reason=reason):
        deal = qualifying.lock(by, pk, version)
        row = write_score(deal, values, by=by)
        debts.settle(deal)
        return row


@races.told
def create_score(*, by: User, values: Values, reason: str = "") -> Meddicc:
    """Score an element of the deal that `values` name, as programs do; where it was scored before, score it anew."""
    with audit.change(by=by, action="opportunity.score", reason=reason):
        access.require_create(by, Meddicc, values)
        deal = qualifying.lock_named(by, values.get("opportunity"))
        rest = {name: value for name, value in values.items() if name != "opportunity"}
        row = write_score(deal, rest, by=by)
        debts.settle(deal)
        return row


@races.told
def edit_score(
    *, by: User, pk: int, changes: Values, version: int | None = None, reason: str = ""
) -> Meddicc:
    """Change what stands about an element; what is given as empty is emptied. Raises as `score`, and Conflict."""
    with audit.change(by=by, action="opportunity.score", reason=reason):
        seen = Meddicc.objects.visible_to(by)
        deal = qualifying.lock(by, seen.values_list("opportunity_id", flat=True).get(pk=pk))
        row: Meddicc = audit.lock(seen, pk=pk, version=version)
        access.require_edit(by, row, changes)
        row.opportunity = deal
        fixed = {"opportunity": str(deal.pk), "element": str(row.element)}
        draft = drafting.read(
            {k: v for k, v in changes.items() if k not in fixed}, row, never_empty=("score",)
        )
        for name in fixed.keys() & changes.keys():
            if str(changes[name]) != fixed[name]:
                message = f"The {name} of a score does not change. Score the other one."
                draft.refuse("OPP-142", message, name, found=changes[name], needed=fixed[name])
        _write(draft, deal, by, {})
        debts.settle(deal)
        return row


def write_score(deal: Opportunity, values: Values, *, by: User) -> Meddicc:
    """Score an element of a locked deal inside the open change; `values` as `score` takes them."""
    cleaned = qualifying.read(FIELDS, qualifying.said(values), what="a score", lengths=LENGTHS)
    element = cleaned.values.pop("element", None)
    if element is None:
        raise audit.Blocked([*cleaned.findings, *qualifying.check_open(deal)])
    held = lock_many(Meddicc.objects.filter(opportunity=deal, element=element))
    row = held[0] if held else Meddicc(element=element)
    row.opportunity = deal
    beside = {name: cleaned.values.pop(name) for name in (*INLINE, *MITIGATION) if name in cleaned.values}
    _write(Draft(row, cleaned.values, list(cleaned.findings)), deal, by, beside)
    return row


def _write(draft: Draft, deal: Opportunity, by: User, beside: Values) -> None:
    """Check a draft with what is given beside it, and write all of it or nothing. Raises Blocked."""
    row: Meddicc = draft.record
    new = {name: beside[name] for name in INLINE if name in beside}
    draft.findings += qualifying.check_open(deal)
    _link(draft, deal, by)
    put_in = _check_role(draft, deal, by)
    checks.check(draft)
    checks.check_evidence(draft, inline=bool(new))
    shown = inline.read(draft, deal, by, new) if new else None
    risk = _mitigated(draft, deal, by, beside)
    if draft.findings:
        raise audit.Blocked(draft.findings)
    before, version, is_new = int(row.score), row.version, draft.is_new
    if shown is not None:
        draft.given["evidence"] = evidence.write_evidence(deal, shown, by=by)
    if risk is not None:
        draft.given["mitigation"] = risk
    drafting.put(draft)
    audit.write(row)
    if is_new or row.version != version:
        resting.tell(row, before)
    if put_in is not None:
        audit.write(put_in)
        _tell_put_in(put_in)


def _link(draft: Draft, deal: Opportunity, by: User) -> None:
    """Replace the ids of the contact and the evidence by their records; a person in the role already is the contact."""
    if draft.given.get("contact") is not None:
        found, told = qualifying.contact(deal, draft.given["contact"], "contact", by)
        draft.given["contact"], draft.findings = found, [*draft.findings, *told]
    pk = draft.given.get("evidence")
    if pk is not None:
        draft.given["evidence"] = StageEvidence.objects.filter(opportunity=deal, pk=pk).first()
        if draft.given["evidence"] is None:
            message = f"There is no evidence of this deal with the id {pk}. Choose some of this deal."
            draft.refuse("OPP-133", message, "evidence", found=pk, needed="evidence of this deal")


def _check_role(draft: Draft, deal: Opportunity, by: User) -> OppContactRole | None:
    """Return the role that the named person lacks in the deal, unsaved; who has it already is the default contact."""
    role = SOMEBODY.get(draft.record.element)
    if role is None or not draft.value("score"):
        return None
    held = OppContactRole.objects.filter(opportunity=deal, is_active=True).select_related("contact")
    inside = sorted(held, key=lambda one: (not one.is_primary, one.pk))
    told = {finding.field for finding in draft.findings}
    in_role = [one for one in inside if one.role == role]
    if draft.value("contact") is None and "contact" not in told and in_role:
        draft.given["contact"] = in_role[0].contact
    contact = draft.value("contact")
    if contact is None or contact.pk in {one.contact_id for one in in_role}:
        return None
    if not access.allowed(by, "contact_roles", deal):
        message = f"{contact} is not in this deal as {role.label.lower()}, and you may not add them. Ask its owner to."
        draft.refuse(
            "OPP-143", message, "contact", found=contact, needed=f"the {role.label.lower()} of the deal"
        )
        return None
    engaged = [one.engaged_at for one in inside if one.contact_id == contact.pk and one.engaged_at]
    return OppContactRole(opportunity=deal, contact=contact, role=role, engaged_at=max(engaged, default=None))


def _tell_put_in(role: OppContactRole) -> None:
    payload = {"opportunity": role.opportunity_id, "contact": role.contact_id, "role": role.role}
    outbox.emit("opportunity.contact_added", role, payload)


def _mitigated(draft: Draft, deal: Opportunity, by: User, beside: Values) -> Obligation | None:
    """Write what is done about a risk: an obligation of somebody until a day. Raises Blocked with everything."""
    given = {name: beside[name] for name in MITIGATION if name in beside}
    if not given:
        return None
    text, until = given.get("mitigation", ""), given.get("mitigation_on")
    if draft.record.element != Element.RISKS:
        message = "A mitigation answers a risk. Leave it out, or score the risks."
        draft.refuse("OPP-139", message, "mitigation", found=text, needed="no mitigation")
        return None
    if len(text) < checks.LEAST_MITIGATION:
        message = f"Say in at least {checks.LEAST_MITIGATION} characters what is done about it; this has {len(text)}."
        draft.refuse("OPP-140", message, "mitigation", found=text, needed="what is done about it")
    if until is None:
        message = "A mitigation is due on a day. Say until when."
        draft.refuse("OPP-140", message, "mitigation_on", needed="a day")
    owner, told = qualifying.person(given.get("mitigation_owner"), "mitigation_owner")
    draft.findings += told
    if not text:
        return None
    return add_obligation(
        kind=ObligationKind.MITIGATION,
        text=text,
        owner=owner or deal.owner or by,
        subject=subjects.of(deal),
        due_on=until,
        source_ref=f"meddicc:{Element.RISKS}",
        by=by,
        said=draft.findings,
    )
