"""Why deals advance, stall, move back, are put off and lost: how often each reason was given. Source: d2 dashboards.

Counts are of what happened in the period, of the deals that the reader sees: moves by their interval, later close
dates by their ledger, stalls by the step that asked, losses by the lost deal.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet

from accounts.enums import Disposition
from accounts.models import Lead
from opportunities.enums import ReasonKind, Stage
from opportunities.models import IdleStep, Opportunity, Reason, SlipEvent, StageInterval
from opportunities.policies import days as calendar
from revops.kernel.metrics import percent
from revops.kernel.people import access

OTHER = "_other"
MOST_COLUMNS, MOST_TEXTS, MOST_USES = 8, 10, 200
# What reasons may be told apart by: what it is called, and where the deal holds it.
DIMENSIONS: Mapping[str, str] = {"segment": "segment", "competitor": "competitor", "owner": "owner__name"}
_DEAL = "opportunity__"


@dataclass(frozen=True, slots=True)
class Use:
    """One reason: how often it was given, which part of its kind that is, and how often by the other dimension."""

    code: str
    label: str
    n: int
    percent: Decimal | None
    by: Sequence[int]
    is_active: bool
    url: str


@dataclass(frozen=True, slots=True)
class Kind:
    """The reasons of one kind, the most given first, and which part of them says only "other"."""

    key: str
    label: str
    total: int
    uses: Sequence[Use]
    other: Decimal | None
    unused: Sequence[str]


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody wrote beside "another reason", and how often."""

    kind: str
    text: str
    n: int


@dataclass(frozen=True, slots=True)
class Report:
    """Every kind with its reasons; what the list of reasons may lack, and holds in vain."""

    kinds: Sequence[Kind]
    columns: Sequence[str]
    texts: Sequence[Text]
    withdrawn: Sequence[tuple[str, int, str]]
    leads: Sequence[tuple[str, int, Decimal | None, str]]


Given = tuple[str, str, int]


def report(user: Any, since: datetime, until: datetime, *, by: str = "segment") -> Report:
    """Return why deals went as they went between two instants, in a constant number of statements."""
    name = DIMENSIONS.get(by, DIMENSIONS["segment"])
    found = list(_given(user, since, until, name))
    columns = _columns(found)
    reasons = list(Reason.objects.order_by("pk"))
    return Report(
        [_kind(kind, found, reasons, columns, since, until) for kind in ReasonKind],
        columns,
        _texts(user, since, until, {one.code: one.kind for one in reasons}),
        _withdrawn(user),
        _leads(user),
    )


def _sources(user: Any, since: datetime, until: datetime) -> list[tuple[QuerySet[Any], str, str, str]]:
    """Return where reasons stand: the rows of the period, their code, the way to their deal, what was said beside."""
    within = (since, until)
    moves = StageInterval.objects.visible_to(user).filter(active_from__range=within).exclude(reason_code="")
    delays = SlipEvent.objects.visible_to(user).filter(occurred_at__range=within).exclude(reason_code="")
    stalls = IdleStep.objects.visible_to(user).filter(taken_at__range=within).exclude(reason_code="")
    lost = Opportunity.objects.visible_to(user).filter(
        closed_at__range=within, stage=Stage.CLOSED_LOST, loss_reason__isnull=False
    )
    return [
        (moves.exclude(stage=Stage.CLOSED_LOST), "reason_code", _DEAL, "note"),
        (delays, "reason_code", _DEAL, ""),
        (stalls, "reason_code", _DEAL, "note"),
        (lost, "loss_reason__code", "", "loss_note"),
    ]


def _given(user: Any, since: datetime, until: datetime, name: str) -> Iterator[Given]:
    """Yield how often each reason was given, by the other dimension; one statement a source."""
    for rows, code, deal, _ in _sources(user, since, until):
        counted = rows.order_by().values_list(code, f"{deal}{name}").annotate(n=Count("pk"))
        yield from ((held, str(value or "–"), n) for held, value, n in counted)


def _columns(found: Sequence[Given]) -> list[str]:
    """Return the values of the other dimension, the most frequent first; what is left over stands together."""
    counts: Counter[str] = Counter()
    for _, value, n in found:
        counts[value] += n
    names = sorted(counts, key=lambda value: (-counts[value], value))
    return names if len(names) <= MOST_COLUMNS else [*names[: MOST_COLUMNS - 1], "Others"]


def _kind(
    kind: ReasonKind,
    found: Sequence[Given],
    reasons: Sequence[Reason],
    columns: Sequence[str],
    since: datetime,
    until: datetime,
) -> Kind:
    known = {one.code: one for one in reasons if one.kind == kind}
    counts: dict[str, Counter[str]] = {code: Counter() for code in known}
    for code, value, n in found:
        if code in counts:
            counts[code][value if value in columns else "Others"] += n
    sums = {code: sum(held.values()) for code, held in counts.items()}
    total = sum(sums.values())
    uses = [
        Use(
            code,
            known[code].label,
            sums[code],
            percent(sums[code], total),
            [counts[code][value] for value in columns],
            known[code].is_active,
            _address(known[code], since, until),
        )
        for code in sorted(counts, key=lambda code: (-sums[code], code))
        if sums[code]
    ]
    other = percent(sum(n for code, n in sums.items() if code.endswith(OTHER)), total)
    unused = [known[code].label for code, n in sums.items() if not n and known[code].is_active]
    return Kind(str(kind), str(kind.label), total, uses, other, unused)


def _address(reason: Reason, since: datetime, until: datetime) -> str:
    """Return where the deals behind a count are: of losses their list, of all else the page of its uses."""
    if reason.kind != ReasonKind.LOSS:
        days = {"since": calendar.today(since).isoformat(), "until": calendar.today(until).isoformat()}
        return f"/reasons/uses/?{urlencode({'code': reason.code, **days})}"
    asked = {
        "loss_reason": reason.pk,
        "stage": str(Stage.CLOSED_LOST),
        "closed_at__gte": since.isoformat(),
        "closed_at__lte": until.isoformat(),
    }
    return f"/opportunities/?{urlencode(asked)}"


def _texts(user: Any, since: datetime, until: datetime, kinds: Mapping[str, str]) -> list[Text]:
    """Return what was written most often beside "another reason": what the list may lack."""
    found: list[Text] = []
    for rows, code, _, said in _sources(user, since, until):
        if not said:
            continue
        other = rows.filter(**{f"{code}__endswith": OTHER}).exclude(**{said: ""}).order_by()
        counted = other.values_list(code, said).annotate(n=Count("pk")).order_by("-n", said)[:MOST_TEXTS]
        found += [
            Text(str(ReasonKind(kinds[held]).label), text, n) for held, text, n in counted if held in kinds
        ]
    return sorted(found, key=lambda one: (-one.n, one.text))[:MOST_TEXTS]


def _withdrawn(user: Any) -> list[tuple[str, int, str]]:
    """Return the reasons that may not be given any more and that lost deals still hold."""
    rows = Opportunity.objects.visible_to(user).filter(loss_reason__is_active=False).order_by()
    counted = rows.values_list("loss_reason", "loss_reason__label").annotate(n=Count("pk"))
    return [
        (label, n, f"/opportunities/?loss_reason={pk}")
        for pk, label, n in sorted(counted, key=lambda row: (-row[2], row[1]))
    ]


def _leads(user: Any) -> list[tuple[str, int, Decimal | None, str]]:
    """Return why leads are disqualified or rest, as they stand now."""
    if not access.rights(user, "accounts.lead").sees_any:
        return []
    rows = Lead.objects.visible_to(user).exclude(disposition_reason="").order_by()
    counted = dict(rows.values_list("disposition_reason").annotate(n=Count("pk")))
    labels, total = dict(Disposition.choices), sum(counted.values())
    return [
        (str(labels.get(code, code)), n, percent(n, total), f"/leads/?disposition_reason={code}")
        for code, n in sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    ]


@dataclass(frozen=True, slots=True)
class Telling:
    """One time that a reason was given: about which deal, when, by whom, and what was said beside it."""

    deal: Opportunity
    at: datetime
    who: str
    note: str


def uses(user: Any, code: str, since: datetime, until: datetime) -> list[Telling]:
    """Return when a reason was given between two instants, the latest first, at most 200 times; a statement a source.

    A reason stands in one of the sources by its kind; there is nothing in the others.
    """
    found: list[Telling] = []
    moves, delays, stalls, _ = (rows for rows, *_ in _sources(user, since, until))
    for rows, at, who in (
        (moves, "active_from", "entered_by"),
        (delays, "occurred_at", "said_by"),
        (stalls, "taken_at", "said_by"),
    ):
        held = rows.filter(reason_code=code).select_related("opportunity", who)
        found += [
            Telling(one.opportunity, getattr(one, at), str(getattr(one, who) or ""), getattr(one, "note", ""))
            for one in held.order_by(f"-{at}", "-pk")[:MOST_USES]
        ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST_USES]
