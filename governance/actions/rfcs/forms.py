"""The special actions of a request for change as the shells offer them: what they ask for, and the call they make."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

from governance.actions.council import put_to_council
from governance.actions.rfcs.attaching import attach_draft, detach_draft, simulate_again
from governance.actions.rfcs.living import go_live
from governance.actions.rfcs.rolling_back import roll_back
from governance.actions.rfcs.submitting import schedule, submit, withdraw
from governance.enums import CHANGEABLE, GRANTED, RfcState
from governance.models import ChangeRequest
from revops.kernel.identity.models import User
from revops.kernel.policies.enums import Status
from revops.kernel.policies.models import PolicyVersion
from revops.kernel.records.drafting import answers
from revops.kernel.records.registry import Field, FieldKind, RecordAction

Values = Mapping[str, Any]
MOST = 200


class OpenDrafts(Sequence[tuple[str, str]]):
    """The policy drafts there are, as a form offers them, read when they are asked for; the newest first."""

    def _rows(self) -> list[tuple[str, str]]:
        rows = PolicyVersion.objects.filter(status__in=[Status.DRAFT, Status.APPROVED])
        found = rows.select_related("policy").order_by("-pk")[:MOST]
        return [(str(one.pk), f"{one}: {one.source_note}"[:120]) for one in found]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._rows())

    def __len__(self) -> int:
        return len(self._rows())

    @overload
    def __getitem__(self, place: int) -> tuple[str, str]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[str, str]]: ...
    def __getitem__(self, place: Any) -> Any:
        return self._rows()[place]


def _submit(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> ChangeRequest:
    answers(SUBMIT, values)
    return submit(by=by, pk=pk, version=version, reason=reason)


def _attach(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> ChangeRequest:
    draft = int(answers(ATTACH, values)["draft"])
    return attach_draft(by=by, pk=pk, draft=draft, version=version, reason=reason)


def _detach(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> ChangeRequest:
    draft = int(answers(DETACH, values)["draft"])
    return detach_draft(by=by, pk=pk, draft=draft, version=version, reason=reason)


def _simulate(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> ChangeRequest:
    answers(SIMULATE, values)
    return simulate_again(by=by, pk=pk, version=version, reason=reason)


def _schedule(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> ChangeRequest:
    planned_at = answers(SCHEDULE, values)["planned_at"]
    return schedule(by=by, pk=pk, planned_at=planned_at, version=version, reason=reason)


def _go_live(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> ChangeRequest:
    answers(GO_LIVE, values)
    return go_live(by=by, pk=pk, version=version, reason=reason)


def _roll_back(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> ChangeRequest:
    answers(ROLL_BACK, values)
    return roll_back(by=by, pk=pk, version=version, reason=reason)


def _withdraw(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> ChangeRequest:
    answers(WITHDRAW, values)
    return withdraw(by=by, pk=pk, version=version, reason=reason)


def _to_council(
    *, by: User, pk: int, values: Values, version: int | None = None, reason: str = ""
) -> ChangeRequest:
    given = {name: text or "" for name, text in answers(TO_COUNCIL, values).items()}
    return put_to_council(by=by, pk=pk, version=version, reason=reason, **given)


def _may_change(rfc: Any) -> bool:
    return rfc.state in CHANGEABLE


_DRAFT = Field("draft", "Draft", FieldKind.CHOICE, choices=OpenDrafts(), required=True, kept=True)
SUBMIT = RecordAction(
    "submit",
    "Submit to the change board",
    (),
    _submit,
    icon="send",
    help="The board is asked to approve exactly what stands here; a change afterwards brings it back to you.",
    fits=lambda rfc: rfc.state == RfcState.DRAFT,
    primary=True,
)
ATTACH = RecordAction(
    "attach",
    "Attach a draft",
    (_DRAFT,),
    _attach,
    icon="link",
    help="The draft of a policy that goes live with this request. It is simulated as it is attached.",
    fits=_may_change,
)
DETACH = RecordAction("detach", "Take a draft off", (_DRAFT,), _detach, icon="unlink", fits=_may_change)
SIMULATE = RecordAction(
    "simulate",
    "Simulate again",
    (),
    _simulate,
    icon="chart-dots",
    help="Counts anew what each draft would change on the records there are now.",
    fits=_may_change,
)
SCHEDULE = RecordAction(
    "schedule",
    "Schedule",
    (Field("planned_at", "Goes live at", FieldKind.INSTANT, required=True),),
    _schedule,
    icon="calendar-time",
    help="At that instant it goes live by itself; it lies inside the window.",
    fits=lambda rfc: rfc.state in GRANTED,
)
GO_LIVE = RecordAction(
    "go_live",
    "Go live now",
    (),
    _go_live,
    icon="rocket",
    help="Puts every change of this request in force at once.",
    fits=lambda rfc: rfc.state in GRANTED,
    primary=True,
)
ROLL_BACK = RecordAction(
    "roll_back",
    "Roll back",
    (),
    _roll_back,
    icon="arrow-back-up",
    help="Brings back what was in force before, for all changes of this request, from now on. Say why.",
    fits=lambda rfc: rfc.state == RfcState.LIVE,
)
WITHDRAW = RecordAction(
    "withdraw",
    "Withdraw",
    (),
    _withdraw,
    icon="ban",
    help="Gives the request up. Say why.",
    fits=_may_change,
)
TO_COUNCIL = RecordAction(
    "put_to_council",
    "Put to the council",
    (
        Field("topic", "Topic", help="The request's own title, if you leave it empty."),
        Field("evidence", "Evidence", FieldKind.LONG_TEXT, help="What the decision rests on."),
    ),
    _to_council,
    icon="users-group",
    help="It goes live only if the council agrees. Whoever asked does not vote.",
    fits=lambda rfc: rfc.state in CHANGEABLE,
)
ACTIONS = (SUBMIT, GO_LIVE, SCHEDULE, ATTACH, SIMULATE, TO_COUNCIL, ROLL_BACK, DETACH, WITHDRAW)
