"""The deeds of a pipeline review as the shells offer them."""

from collections.abc import Mapping
from typing import Any

from opportunities.actions.reviewing.reviewing import agree, hold
from opportunities.models import PipelineReview
from revops.kernel.identity.models import User
from revops.kernel.records.drafting import answers
from revops.kernel.records.registry import Field, FieldKind, RecordAction

Values = Mapping[str, Any]


def _hold(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> PipelineReview:
    given = answers(HOLD, values)
    people, notes = given.get("attendees") or (), given.get("notes") or ""
    return hold(by=by, pk=pk, attendees=list(people), notes=notes, version=version, reason=reason)


def _agree(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> PipelineReview:
    given = answers(AGREE, values)
    return agree(
        by=by,
        pk=pk,
        text=given["text"],
        owner=given["owner"],
        due_on=given["due_on"],
        version=version,
        reason=reason,
    )


HOLD = RecordAction(
    "hold",
    "Held",
    (
        Field("attendees", "Who was there", FieldKind.REFERENCES, reference="identity.user", required=True),
        Field("notes", "Notes", FieldKind.LONG_TEXT),
    ),
    _hold,
    icon="users",
    help="The frozen table stays as it is; what was agreed becomes actions with an owner and a day.",
    fits=lambda review: review.held_at is None,
    primary=True,
)
AGREE = RecordAction(
    "agree",
    "Agree on an action",
    (
        Field("text", "What is to be done", required=True),
        Field("owner", "By whom", FieldKind.PERSON, reference="identity.user", required=True),
        Field("due_on", "Until", FieldKind.DATE, required=True),
    ),
    _agree,
    icon="checkbox",
)
ACTIONS = (HOLD, AGREE)
