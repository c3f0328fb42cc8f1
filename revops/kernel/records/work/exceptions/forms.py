"""From what somebody typed to the actions of exceptions: ask for one, and the deeds on its page."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from revops.kernel.gates.exceptions import actions, checks, registry
from revops.kernel.gates.exceptions.about import About
from revops.kernel.gates.exceptions.enums import ExceptionState, ReviewDecision
from revops.kernel.gates.models import PolicyException
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.people.enums import Role
from revops.kernel.records import drafting
from revops.kernel.records import registry as types
from revops.kernel.records.registry import Field, FieldKind, RecordAction
from revops.kernel.records.work import subjects
from revops.kernel.records.work.reading import named

LABEL = "gates.policyexception"
Values = Mapping[str, Any]
_ADDRESS = re.compile(r"([a-z_]+\.[a-z_]+):([1-9][0-9]{0,17})", re.ASCII)
_BESIDE = frozenset({"owner", "subject"})


class Choices(Sequence[tuple[str, str]]):
    """What may be excused, read when it is asked for: the policies in force say it."""

    def __init__(self, read: Callable[[], list[tuple[str, str]]]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __getitem__(self, place: Any) -> Any:
        return self._read()[place]


def policies() -> list[tuple[str, str]]:
    """Return the policies whose lines may be excused."""
    return [(one.policy_key, one.title) for one in registry.every()]


def criteria() -> list[tuple[str, str]]:
    """Return the lines that may be excused, of every policy."""
    found: dict[str, str] = {}
    for one in registry.every():
        for key, line in one.lines().items():
            found.setdefault(key, line.title)
    return list(found.items())


def about(text: str) -> About | None:
    """Return the record that is meant by OPP-000012, or by opportunities.opportunity:12."""
    typed = text.strip()
    address = _ADDRESS.fullmatch(typed)
    if address is not None:
        kind = next((one for one in types.every() if one.label == address[1]), None)
        return About(kind.label, int(address[2]), kind.number(int(address[2]))) if kind else None
    found = subjects.by_number(typed)
    return About(found.record_type, found.record_id, found.number) if found else None


def request(*, by: User, values: Values) -> PolicyException:
    """Ask for an exception from what somebody typed; `subject` is the number of the record it is for."""
    given = {name: text for name, text in values.items() if text not in ("", None)}
    draft = drafting.read(given, PolicyException())
    drafting.link([draft], {"owner": User}, by, code="EXC-007")
    typed = str(draft.given.get("subject") or "")
    meant = about(typed) or (About("", 0, typed) if typed else None)
    return actions.request_exception(
        by=by,
        about=meant,
        values={name: value for name, value in draft.given.items() if name not in _BESIDE},
        owner=draft.given.get("owner"),
        said=draft.findings,
    )


def begins(values: Values, user: User) -> tuple[dict[str, str], str]:
    """Return what the form begins with when a refusal led to it, and what it would excuse, in words."""
    meant = about(str(values.get("subject") or ""))
    found = registry.get(str(values.get("policy_key") or ""))
    line = found.lines().get(str(values.get("criterion_key") or "")) if found else None
    put = dict(values) | ({"subject": meant.number} if meant is not None else {})
    if meant is None or found is None or line is None:
        return put, "Say which line of which policy a record is to be excused from, why, and until when."
    title = named(meant.record_type, [meant.record_id], user).get(meant.record_id, "")
    record = f"{title} ({meant.number})" if title else meant.number
    return put, (
        f"Excuses {record} from “{line.title}” of {found.title}, until the day you choose. "
        f"One of these may approve it: {_roles(line.approvers)}; not you."
    )


def _roles(codes: Sequence[str]) -> str:
    return ", ".join(str(Role(code).label) if code in Role else code for code in codes)


def edit(*, by: User, pk: int, changes: Values, version: int | None = None, reason: str = "") -> NoReturn:
    """Refuse: what was asked for is decided about as it stands."""
    raise access.Forbidden("An exception is not changed once it was asked for. Withdraw it and ask anew.")


def _approve(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Any:
    drafting.answers(APPROVE, values)
    return actions.approve(by=by, pk=pk, note=reason, version=version)


def _reject(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Any:
    drafting.answers(REJECT, values)
    return actions.reject(by=by, pk=pk, reason=reason, version=version)


def _renew(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Any:
    until = drafting.answers(RENEW, values).get("expires_at")
    return actions.renew(by=by, pk=pk, expires_at=until, reason=reason, version=version)


def _revoke(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Any:
    drafting.answers(REVOKE, values)
    return actions.revoke(by=by, pk=pk, reason=reason, version=version)


def _withdraw(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Any:
    drafting.answers(WITHDRAW, values)
    return actions.withdraw_exception(by=by, pk=pk, reason=reason, version=version)


def _review(*, by: User, pk: int, values: Values, version: int | None = None, reason: str = "") -> Any:
    decision = drafting.answers(REVIEW, values).get("decision") or ""
    return actions.review(by=by, pk=pk, decision=decision, note=reason, version=version)


def _is(*states: ExceptionState) -> Callable[[Any], bool]:
    return lambda held: held.state in states and held.lapsed_at is None


def _may_decide(held: Any, user: Any) -> bool:
    """Say whether the line is excused by a role of this reader, who neither asked for it nor answers for it."""
    found = registry.get(held.policy_key)
    line = found.lines().get(held.criterion_key) if found is not None else None
    return not checks.approver(user, held, line)


def _is_another(held: Any, user: Any) -> bool:
    return user.pk not in (held.requested_by_id, held.owner_id)


UNTIL = Field("expires_at", "Until", FieldKind.INSTANT, required=True)
DECISION = Field(
    "decision",
    "Decision",
    FieldKind.CHOICE,
    choices=[(one.value, str(one.label)) for one in (ReviewDecision.KEEP, ReviewDecision.REVOKE)],
    required=True,
)
_ASKED, _GRANTED = _is(ExceptionState.REQUESTED), _is(ExceptionState.APPROVED)
APPROVE = RecordAction(
    "approve",
    "Approve",
    (),
    _approve,
    icon="circle-check",
    help="From now on the record is excused, until the term ends by itself.",
    fits=_ASKED,
    may=_may_decide,
    primary=True,
)
REJECT = RecordAction(
    "reject",
    "Reject",
    (),
    _reject,
    icon="ban",
    help="Say why.",
    right="approve",
    fits=_ASKED,
    may=_may_decide,
)
RENEW = RecordAction(
    "renew",
    "Renew",
    (UNTIL,),
    _renew,
    icon="rotate",
    help="Another term begins now. Say why it is still needed.",
    right="approve",
    fits=_GRANTED,
    may=_may_decide,
)
REVOKE = RecordAction(
    "revoke",
    "Revoke",
    (),
    _revoke,
    icon="ban",
    help="It ends now, with all that follows. Say why.",
    fits=_is(ExceptionState.REQUESTED, ExceptionState.APPROVED, ExceptionState.CONSUMED),
)
WITHDRAW = RecordAction(
    "withdraw", "Withdraw", (), _withdraw, icon="rotate", help="Say why it is not needed.", fits=_ASKED
)
REVIEW = RecordAction(
    "review",
    "Review",
    (DECISION,),
    _review,
    icon="file-search",
    help="Keep it until its term ends, or revoke it now. Say why.",
    fits=lambda held: held.review_week is not None,
    may=_is_another,
)
ACTIONS = (APPROVE, REJECT, RENEW, REVIEW, REVOKE, WITHDRAW)
