"""What the shells know of approvals."""

from collections.abc import Mapping
from typing import Any, NoReturn

from revops.kernel import approvals
from revops.kernel.approvals.enums import RequestState
from revops.kernel.approvals.models import ApprovalRequest
from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records.registry import Field, FieldKind, Panel, RecordAction, RecordType, register
from revops.kernel.records.work.approvals import showing

LABEL = "approvals.approvalrequest"
_WHAT, _WHO, _SYSTEM = "What it is", "Who and when", "System"
_PERSON: dict[str, Any] = {"reference": "identity.user"}

FIELDS = (
    Field("title", "Approval", group=_WHAT),
    Field("state", "State", FieldKind.CHOICE, _WHAT, choices=RequestState.choices, filterable=True),
    Field("note", "What ended it", FieldKind.LONG_TEXT, _WHAT),
    Field("submitter", "Asked by", FieldKind.PERSON, _WHO, filterable=True, **_PERSON),
    Field("submitted_at", "Asked", FieldKind.INSTANT, _WHO, sortable=True, filterable=True),
    Field("decided_at", "Ended", FieldKind.INSTANT, _WHO, filterable=True),
    Field("valid_until", "Holds until", FieldKind.INSTANT, _WHO, filterable=True),
    Field("subject_owner", "Owner of the record", FieldKind.PERSON, _WHO, filterable=True, **_PERSON),
    Field("team", "Team", FieldKind.REFERENCE, _WHO, reference="people.team", filterable=True),
    Field("purpose", "Purpose", group=_SYSTEM, filterable=True),
    Field("policy_ref", "Rules", group=_SYSTEM),
)


def _refuse() -> NoReturn:
    message = "An approval is asked for on its record, by submitting that. Open the record."
    raise Blocked.because("APR-001", message, needed="a record that is submitted")


def create(*, by: User, values: Mapping[str, Any]) -> ApprovalRequest:
    """Refuse: approvals come from the action that submits a record."""
    access.require_create(by, ApprovalRequest, values)
    _refuse()


def edit(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> ApprovalRequest:
    """Refuse: what was asked does not change; it is recalled and asked anew."""
    access.require_edit(by, ApprovalRequest.objects.visible_to(by).get(pk=pk), changes)
    _refuse()


def _recall(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> ApprovalRequest:
    return approvals.recall(by=by, request=pk, reason=reason, version=version)


RECALL = RecordAction(
    "recall",
    "Take it back",
    (),
    _recall,
    icon="arrow-back-up",
    help="Nothing of it can be decided any more; the record can be submitted again.",
    fits=lambda request: request.state == RequestState.PENDING,
    may=lambda request, user: request.submitter_id == user.pk,
)

register(
    RecordType(
        label=LABEL,
        slug="approvals",
        prefix="APR",
        singular="Approval",
        plural="Approvals",
        icon="rubber-stamp",
        title="title",
        fields=FIELDS,
        columns=("title", "state", "submitter", "submitted_at", "decided_at"),
        create_fields=(),
        create=create,
        edit=edit,
        default_sort="-submitted_at",
        panels=(Panel("request", "What is asked", "approvals/panels/request.html", showing.request),),
        actions=(RECALL,),
        extra={
            "navigation": ("Governance", 20, ""),
            "state": "state",
            "figures": ("submitted_at", "valid_until"),
            "tones": {"state": showing.STATE_TONES},
            "band_panels": ("request",),
        },
        empty_hint="Approvals stand here as soon as somebody submits a record that the rules ask about.",
        description="Somebody asks that a record be approved as it is; the rules say who decides.",
    )
)
