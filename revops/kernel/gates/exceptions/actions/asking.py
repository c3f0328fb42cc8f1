"""Ask for an exception, and take the question back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from revops.kernel import audit, outbox
from revops.kernel.audit import Finding
from revops.kernel.audit.writing import lock_many
from revops.kernel.gates.exceptions import about as subjects
from revops.kernel.gates.exceptions import checks, lapsing, registry, rules
from revops.kernel.gates.exceptions.about import About
from revops.kernel.gates.exceptions.enums import ExceptionState
from revops.kernel.gates.exceptions.rules import ExceptionRules
from revops.kernel.gates.models.exceptions import PolicyException
from revops.kernel.identity.models import User
from revops.kernel.people import access

_COPIED = ("scope_note", "justification", "compensating_control", "risk", "max_uses")


def request_exception(
    *,
    by: User,
    about: About | None,
    values: Mapping[str, Any],
    owner: User | None = None,
    said: Sequence[Finding] = (),
    at: datetime | None = None,
) -> PolicyException:
    """Ask that a record be excused from one line of a policy for a while; `owner` (or oneself) answers for it.

    `values` are typed: `policy_key`, `criterion_key`, `justification`, `risk`, `expires_at`, and where wanted
    `starts_at`, `compensating_control`, `scope_note`, `max_uses`. Asking again soon after an exception of the same line
    ended counts as a renewal. `said` is what reading the values found already. Raises Blocked with every finding,
    Forbidden.
    """
    with audit.change(by=by, action="exception.request", at=at) as change:
        access.require_create(by, PolicyException, _named(values, owner))
        now = change.occurred_at
        held, body = rules.in_force(now)
        change.policy_refs.append(held.ref)
        asked = _draft(by, owner or by, values, now, held.ref)
        where = [
            *checks.subject(about, by),
            *checks.policy(asked.policy_key, asked.criterion_key, about),
        ]
        findings = [*said, *where, *checks.words(values)]
        findings += checks.owner(asked.owner, about if asked.owner.pk != by.pk else None)
        pk = about.record_id if about is not None else 0
        asked.ends_by = checks.longest(registry.get(asked.policy_key), body, asked.risk, pk, asked.starts_at)
        findings += checks.term(asked.starts_at, values.get("expires_at"), asked.ends_by, now)
        if about is not None and not where:
            findings += _beside(asked, about, body, now)
        if findings or about is None:
            raise audit.Blocked(_once(findings))
        return _written(asked, about)


def _named(values: Mapping[str, Any], owner: User | None) -> set[str]:
    given = {name for name, value in values.items() if value not in (None, "")}
    return given | {"subject"} | ({"owner"} if owner is not None else set())


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """Keep what was said first about a field: the reader of a form and the rules may both miss a value."""
    told: dict[tuple[str, str], Finding] = {}
    misread = {one.field for one in findings if one.code.startswith("VAL-")}
    for one in findings:
        if one.code.startswith("VAL-") or not one.field or one.field not in misread:
            told.setdefault((one.field, one.code), one)
    return list(told.values())


def _draft(
    by: User, owner: User, values: Mapping[str, Any], now: datetime, rules_ref: str
) -> PolicyException:
    begins = max(values.get("starts_at") or now, now)
    expires: Any = values.get("expires_at")
    return PolicyException(
        policy_key=values.get("policy_key") or "",
        criterion_key=values.get("criterion_key") or "",
        requested_by=by,
        owner=owner,
        starts_at=begins,
        term_from=begins,
        expires_at=expires,
        rules_ref=rules_ref,
        **{name: values[name] for name in _COPIED if values.get(name) is not None},
    )


def _beside(asked: PolicyException, about: About, body: ExceptionRules, now: datetime) -> list[Finding]:
    """Return what speaks against one more exception of the record, which is locked: ends what time has ended."""
    subjects.lock([(about.record_type, about.record_id)])
    others = lock_many(
        PolicyException.objects.filter(subject_type=about.record_type, subject_id=about.record_id)
    )
    for one in others:
        lapsing.settle(one, now)
    same = [
        one
        for one in others
        if (one.policy_key, one.criterion_key) == (asked.policy_key, asked.criterion_key)
        and one.decided_at is not None
        and one.state != ExceptionState.REJECTED
    ]
    last = max(same, key=lambda one: one.pk, default=None)
    if last is not None and now - _ended(last) < body.life(asked.risk):
        asked.renewals_used = last.renewals_used + 1
    return [
        *checks.room(others, asked.policy_key, asked.criterion_key, body),
        *checks.renewals(asked.renewals_used, body),
    ]


def _ended(held: PolicyException) -> datetime:
    return min(held.expires_at, held.lapsed_at or held.expires_at)


def _written(asked: PolicyException, about: About) -> PolicyException:
    found = registry.get(asked.policy_key)
    title = found.lines()[asked.criterion_key].title if found is not None else asked.criterion_key
    asked.name = f"{title} · {about.number}"[:255]
    asked.subject_type, asked.subject_id, asked.subject = about.record_type, about.record_id, about.number
    audit.write(asked)
    outbox.emit("exception.requested", asked, lapsing.payload(asked))
    return asked


def withdraw_exception(*, by: User, pk: int, reason: str, version: int | None = None) -> PolicyException:
    """Take back a question that nobody has decided. Raises Blocked, Conflict, Forbidden."""
    with audit.change(by=by, action="exception.withdraw", reason=reason):
        held = lapsing.hold(PolicyException.objects.visible_to(by), pk, version)
        access.require(by, "withdraw", held)
        findings = [
            *checks.is_in(held, [ExceptionState.REQUESTED], "withdrawn"),
            *checks.because(reason, "it is withdrawn"),
        ]
        if findings:
            raise audit.Blocked(findings)
        held.state, held.closing_note = ExceptionState.REVOKED, " ".join(reason.split())
        audit.write(held)
        outbox.emit("exception.withdrawn", held, lapsing.payload(held))
        return held
