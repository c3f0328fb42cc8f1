"""What the page of a request for change shows beside its words: each panel in a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q

from governance.actions.rfcs import approving, content, rules
from governance.enums import RfcState, Urgency
from governance.models import ChangeRequest, DecisionItem, RfcChange
from revops.kernel import clocks, policies
from revops.kernel.approvals import purposes
from revops.kernel.audit import Finding
from revops.kernel.gates.enums import Outcome as Tried
from revops.kernel.policies import comparing, documents, simulating
from revops.kernel.policies.comparing import Difference
from revops.kernel.policies.models import Decision, KeptSimulation, PolicyVersion
from revops.kernel.records import registry
from revops.kernel.records.work.approvals.showing import Standing, standing
from revops.kernel.records.work.reading import named

SHOWN = 20


def lacks(rfc: ChangeRequest, user: Any) -> list[Finding]:
    """Return what a draft still lacks before the board may be asked; nothing in any other state."""
    if rfc.state != RfcState.DRAFT:
        return []
    return rules.complete(rfc, content.changes_of(rfc), clocks.now())


@dataclass(frozen=True, slots=True)
class Diff:
    """One change of a request, beside what is in force, or was when it went live."""

    version: PolicyVersion
    title: str
    url: str
    against: str
    mode_before: str
    mode_after: str
    differences: Sequence[Difference]


def diffs(rfc: ChangeRequest, user: Any) -> list[Diff]:
    """Return what each draft changes, in words, side by side."""
    return [_diff(change) for change in _changes(rfc)]


def _changes(rfc: ChangeRequest) -> list[RfcChange]:
    rows = RfcChange.objects.filter(rfc=rfc, is_active=True).order_by("pk")
    return list(rows.select_related("policy_version__policy", "replaced", "simulation__simulated_by"))


def _diff(change: RfcChange) -> Diff:
    version = change.policy_version
    document = documents.get(version.policy.key)
    before, mode, against = _before(change)
    return Diff(
        version=version,
        title=document.title,
        url=f"/rules/{version.policy.key}/",
        against=against,
        mode_before=mode,
        mode_after=version.mode,
        differences=comparing.differences(before, version.body, document),
    )


def _before(change: RfcChange) -> tuple[Mapping[str, Any], str, str]:
    """Return body, mode and name of what a change replaced, or would replace now."""
    version = change.policy_version
    if change.rfc_id and version.effective_from is not None:
        if change.replaced is not None:
            return change.replaced.body, change.replaced.mode, f"version {change.replaced.n}"
        document = documents.get(version.policy.key)
        return document.default, str(document.mode), "what was shipped"
    held = policies.get(version.policy.key, version.policy.scope)
    return held.raw, str(held.mode), f"version {held.n}" if held.n else "what is shipped"


@dataclass(frozen=True, slots=True)
class Moved:
    """One record that a draft would treat differently; without a title where the reader does not see it."""

    number: str
    title: str
    url: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Simulated:
    """The simulation of one draft, and whether it is one of what the draft says now."""

    version: PolicyVersion
    kept: KeptSimulation | None
    is_current: bool
    unsimulated: str
    rows: list[Moved] = field(default_factory=list)


def simulations(rfc: ChangeRequest, user: Any) -> list[Simulated]:
    """Return what each draft would do, as it was simulated, with the first records that it would treat differently.

    One query, and one for each type of record among them.
    """
    changes = _changes(rfc)
    titles = _titles([change.simulation for change in changes if change.simulation], user)
    return [_simulated(change, titles) for change in changes]


def _titles(kept: Sequence[KeptSimulation], user: Any) -> dict[str, Mapping[int, str]]:
    wanted: dict[str, set[int]] = {}
    for one in kept:
        wanted.setdefault(one.record_type, set()).update(pk for pk, _, _ in one.changed[:SHOWN])
    known = {kind.label for kind in registry.every()}
    return {label: named(label, pks, user) for label, pks in wanted.items() if label in known and pks}


def _simulated(change: RfcChange, titles: Mapping[str, Mapping[int, str]]) -> Simulated:
    version, kept = change.policy_version, change.simulation
    unsimulated = documents.get(version.policy.key).unsimulated
    if kept is None:
        return Simulated(version, None, False, unsimulated)
    is_current = kept.digest == simulating.digest_of(version)
    return Simulated(version, kept, is_current, unsimulated, _rows(kept, titles))


def _rows(kept: KeptSimulation, titles: Mapping[str, Mapping[int, str]]) -> list[Moved]:
    if kept.record_type not in titles:
        return []
    kind, seen = registry.get(kept.record_type), titles[kept.record_type]
    return [
        Moved(kind.number(pk), seen.get(pk, ""), kind.url(pk) if pk in seen else "", before, after)
        for pk, before, after in kept.changed[:SHOWN]
    ]


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one change since it was live, beside what was foreseen."""

    title: str
    foreseen: int
    total: int
    decisions: int
    refused: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a live request: until when it is looked at, and each change since then."""

    since: datetime
    until: datetime | None
    due_on: date | None
    ratified: bool
    waits_for_ratification: bool
    changes: list[Came]


def outcome(rfc: ChangeRequest, user: Any) -> Outcome | None:
    """Return what happened since a request went live, until it was rolled back: two queries for all its changes."""
    if rfc.live_at is None:
        return None
    changes = _changes(rfc)
    keys = [change.policy_version.policy.key for change in changes]
    span = Q(decided_at__gte=rfc.live_at)
    if rfc.rolled_back_at is not None:
        span &= Q(decided_at__lt=rfc.rolled_back_at)
    rows = Decision.objects.filter(span, policy_key__in=keys)
    decided = _counted(rows)
    refused = _counted(rows.filter(attempt__outcome=Tried.REFUSED))
    return Outcome(
        rfc.live_at,
        rfc.rolled_back_at,
        rfc.check_due_on,
        rfc.ratified_at is not None,
        rfc.urgency == Urgency.EMERGENCY and rfc.ratified_at is None and rfc.state == RfcState.LIVE,
        [_came(change, decided, refused) for change in changes],
    )


def _counted(rows: Any) -> dict[str, int]:
    found = rows.order_by().values("policy_key").annotate(n=Count("pk")).values_list("policy_key", "n")
    return dict(found)


def _came(change: RfcChange, decided: Mapping[str, int], refused: Mapping[str, int]) -> Came:
    key, kept = change.policy_version.policy.key, change.simulation
    return Came(
        documents.get(key).title,
        kept.moved if kept else 0,
        kept.total if kept else 0,
        decided.get(key, 0),
        refused.get(key, 0),
    )


def council(rfc: ChangeRequest, user: Any) -> list[DecisionItem]:
    """Return what the council was asked about a request, the newest first."""
    rows = DecisionItem.objects.filter(rfc=rfc).visible_to(user)
    return list(rows.annotate(votes_cast=Count("votes")).order_by(F("pk").desc()))


def ratification(rfc: ChangeRequest, user: Any) -> Standing | None:
    """Return how the ratification of a live emergency stands; nothing for any other request."""
    if rfc.urgency != Urgency.EMERGENCY or rfc.live_at is None:
        return None
    return standing(purposes.get(approving.RATIFICATION), rfc, user)
