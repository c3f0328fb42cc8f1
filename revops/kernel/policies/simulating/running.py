"""Run a draft over the records there are and the decisions there were."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, When
from django.db.models.expressions import Combinable

from revops.kernel import audit, clocks
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.policies import decisions, resolving, store
from revops.kernel.policies.actions.checking import declared, told_wrong
from revops.kernel.policies.documents import Body, PolicyDocument, Simulation
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.models import Decision, Policy, PolicyVersion
from revops.kernel.policies.permissions import DRAFTED
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import RuleError
from revops.kernel.policies.simulating import impact
from revops.kernel.policies.simulating.digesting import digest
from revops.kernel.policies.simulating.impact import Impact, Past
from revops.kernel.policies.store import Entry

REPORTS = "reports"
LOOK_BACK = timedelta(days=90)
MOST_DECISIONS = 2_000


def simulate(
    key: str,
    *,
    body: Any,
    by: User,
    mode: str | None = None,
    scope: Mapping[str, Any] | None = None,
    priority: int | None = None,
    migrate: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Impact:
    """Return what this body would change on the records that `by` sees, and on the decisions of `since` to `until`.

    Records for which a more specific policy is in force are not the draft's affair; each of the others is compared
    with what holds for it today. The past is by default the last 90 days, at most the latest 2,000 decisions. Two
    statements, and two that look at the policy; `Impact.rows` asks one more. Raises Blocked for a body that does not
    fit, Forbidden for whoever may not draft.
    """
    access.require_create(by, PolicyVersion, DRAFTED)
    document, scope = declared(key), scope or {}
    if findings := [*document.findings(body), *told_wrong(document, mode or "", scope)]:
        raise audit.Blocked(findings)
    entry = _entry(document, body, Mode(mode or document.mode), scope, priority, migrate)
    now = clocks.now()
    begins, ends = since or now - LOOK_BACK, until or now
    marked, holds_now = _marked(document, entry, now, by)
    return Impact(
        document,
        entry.policy,
        digest(key, scope=scope, mode=entry.policy.mode, body=body),
        now,
        _past(document, entry, begins, ends, now, by),
        () if marked is None else _counts(document.simulation, marked),
        None if marked is None else marked.exclude(before_=F("after_")),
        holds_now,
    )


def _entry(
    document: PolicyDocument,
    body: Any,
    mode: Mode,
    scope: Mapping[str, str],
    priority: int | None,
    migrate: bool,
) -> Entry:
    """Return the draft as if it were in force: the next version of its policy."""
    scope_key = "&".join(f"{name}={scope[name]}" for name in sorted(scope))
    held = Policy.objects.filter(key=document.key, scope_key=scope_key).values_list("priority", flat=True)
    rank = priority if priority is not None else (held.first() or 0)
    own = [one.policy.n for one in store.entries(document.key) if one.scope_key == scope_key]
    n = max(own, default=0) + 1
    draft = InForce(document.key, n, document, body, mode, dict(scope), migrate=migrate)
    return Entry(draft, rank, scope_key, clocks.now(), None)


def _rivals(entry: Entry, at: datetime) -> tuple[list[Entry], list[Entry]]:
    """Return the versions in force that outrank a draft for some record, and those that it would replace there."""
    scope = entry.policy.scope
    meet = [
        one
        for one in store.entries(entry.policy.key)
        if one.holds({**one.policy.scope, **scope}, at)  # where their scopes do not contradict each other
    ]
    above = [one for one in meet if one.scope_key != entry.scope_key and one.rank < entry.rank]
    return above, [one for one in meet if one not in above]


def _mine(simulation: Simulation, entry: Entry, above: Sequence[Entry], rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the records that a draft would decide about."""
    mine = rows.filter(_where(simulation, entry.policy))
    for one in above:
        mine = mine.exclude(_where(simulation, one.policy))
    return mine


def _where(simulation: Simulation, policy: InForce) -> Q:
    return Q(**{simulation.columns[name]: value for name, value in policy.scope.items()})


def _marked(
    document: PolicyDocument, entry: Entry, now: datetime, by: User
) -> tuple[QuerySet[Any] | None, InForce | None]:
    """Return the draft's records with what is said of each today and would be, and the version that holds for most."""
    simulation = document.simulation
    if simulation is None:
        return None, None
    above, below = _rivals(entry, now)
    rows = simulation.rows().visible_to(by).using(REPORTS)  # type: ignore[attr-defined]
    mine = _mine(simulation, entry, above, rows)
    before, last = _before(document, simulation, entry, below, now)
    return mine.annotate(before_=before, after_=simulation.outcome(entry.policy, now)), last


def _before(
    document: PolicyDocument, simulation: Simulation, entry: Entry, below: Sequence[Entry], now: datetime
) -> tuple[Combinable, InForce]:
    """Return what is said of a record today, by whichever version holds for it."""
    whens: list[When] = []
    last = resolving.shipped(document)
    for one in below:
        if entry.policy.scope.items() >= one.policy.scope.items():
            last = one.policy  # holds for every record of the draft that nothing before it took
            break
        whens.append(When(_where(simulation, one.policy), then=_outcome(simulation, one.policy, now)))
    default = _outcome(simulation, last, now)
    sound = last if last.broken is None else resolving.shipped(document)
    if not whens:
        return default, sound
    return Case(*whens, default=default, output_field=CharField()), sound


def _outcome(simulation: Simulation, policy: InForce, now: datetime) -> Combinable:
    """Return what a version says; of one that cannot be read, what is safe: the shipped default, or the document's."""
    try:
        return simulation.outcome(policy, now)
    except RuleError:
        return simulation.outcome(resolving.shipped(policy.document), now)


def _counts(simulation: Simulation | None, marked: QuerySet[Any]) -> tuple[impact.Count, ...]:
    """Return how many records stand in each pair of outcomes: one grouped statement."""
    words = simulation.words if simulation else str
    rows = marked.order_by().values_list("before_", "after_").annotate(n_=Count("pk"))
    found = [impact.Count(words(one), words(two), n) for one, two, n in rows]
    return tuple(sorted(found, key=lambda one: (not one.moves, -one.n, one.before, one.after)))


def _past(
    document: PolicyDocument, entry: Entry, since: datetime, until: datetime, now: datetime, by: User
) -> Past:
    """Take the latest decisions of a time again under the draft."""
    if document.body.decide is Body.decide:
        return Past(since, until)
    taken = Decision.objects.using(REPORTS).filter(
        policy_key=document.key, decided_at__gte=since, decided_at__lt=until
    )
    simulation = document.simulation
    if simulation is not None:
        above, _ = _rivals(entry, now)
        mine = _mine(simulation, entry, above, simulation.rows().visible_to(by))  # type: ignore[attr-defined]
        taken = taken.filter(subject_type=simulation.record_type, subject_id__in=mine.values("pk"))
    latest = list(taken.order_by("-decided_at", "-pk")[: MOST_DECISIONS + 1])
    compared = decisions.under(entry.policy, latest[:MOST_DECISIONS])
    more = len(latest) > MOST_DECISIONS
    return Past(since, until, compared.decided, compared.changed, compared.untold, more)
