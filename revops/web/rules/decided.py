"""What rules decided about records: how often they came out how, the last ones, and one of them taken again.

A decision holds facts of its record, so it is told to those who see the record, and to nobody else.
"""

import contextlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from revops.kernel import clocks
from revops.kernel.people import access
from revops.kernel.policies import decisions, documents, facts
from revops.kernel.policies.documents import Body
from revops.kernel.policies.kinds import FactKind
from revops.kernel.policies.models import Decision
from revops.kernel.policies.rules import RuleError
from revops.kernel.records import registry, telling
from revops.web import formatting
from revops.web.rules import told

LATELY = timedelta(days=30)
_MARKS = {"true": ("check", "green"), "false": ("x", "red"), "unknown": ("help-circle", "amber")}
_WORDS = {"true": "Holds", "false": "Does not hold", "unknown": "Unknown"}


def deciders() -> dict[str, str]:
    """Return the rules that keep their decisions, with the record type they decide about."""
    return {one.key: told.record_type(one) for one in documents.every() if one.body.decide is not Body.decide}


def seen(user: Any, labels: Iterable[str]) -> Q:
    """Return the condition of the decisions about records of these types that `user` sees."""
    found, known = Q(pk__in=[]), {one.label: one for one in registry.every()}
    for label in sorted({*labels} & known.keys()):
        held = access.rights(user, label)
        about = Q(subject_type=label)
        if held.view != access.Scope.ALL:
            rows = known[label].model.objects
            mine = rows.visible_to(user) if held.sees_any else rows.none()
            about &= Q(subject_id__in=mine.values("pk"))
        found |= about
    return found


def lately(user: Any, *, key: str = "", version: int = 0) -> dict[str, dict[str, int]]:
    """Return how many decisions of the last 30 days came out how, by rule and outcome, of one rule or of all."""
    keeping = deciders()
    wanted = {name: label for name, label in keeping.items() if not key or name == key}
    rows = Decision.objects.filter(seen(user, wanted.values()), policy_key__in=wanted)
    rows = rows.filter(decided_at__gte=clocks.now() - LATELY)
    if version:
        rows = rows.filter(policy_version=version)
    found: dict[str, dict[str, int]] = {}
    counted = rows.values_list("policy_key", "outcome").annotate(n=Count("pk"))
    for held, outcome, number in counted.order_by("policy_key", "outcome"):
        found.setdefault(held, {})[outcome] = number
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One decision in a line: `about` is its record, None where it has no page."""

    pk: int
    about: telling.Line | None
    number: str
    ref: str
    outcome: str
    at: datetime

    @property
    def url(self) -> str:
        return reverse("rule-decision", args=[self.pk])


def last(user: Any, key: str, *, limit: int, outcome: str = "", before: int = 0) -> list[Line]:
    """Return the last decisions of a rule about records that `user` sees, the newest first."""
    label = deciders().get(key)
    if label is None:
        return []
    rows = Decision.objects.filter(seen(user, [label]), policy_key=key)
    if outcome:
        rows = rows.filter(outcome=outcome)
    if before:
        rows = rows.filter(pk__lt=before)
    return lines(user, rows.order_by("-pk")[:limit])


def lines(user: Any, rows: Iterable[Decision]) -> list[Line]:
    """Return decisions in a line each; their records cost a constant number of queries."""
    held = list(rows)
    known = telling.lines(user, [(one.subject_type, one.subject_id) for one in held])
    return [
        Line(
            one.pk,
            known.get((one.subject_type, one.subject_id)),
            f"{one.subject_type.rpartition('.')[2]} {one.subject_id}",
            one.ref,
            one.outcome,
            one.decided_at,
        )
        for one in held
    ]


def find(user: Any, pk: int) -> Decision:
    """Return one decision about a record that `user` sees. Raises Decision.DoesNotExist for any other."""
    found: Decision = Decision.objects.select_related("policy_version__policy").get(pk=pk)
    if not Decision.objects.filter(seen(user, [found.subject_type]), pk=pk).exists():
        raise Decision.DoesNotExist
    return found


def question(decision: Decision) -> list[tuple[str, str]]:
    """Return what was asked beside the facts, in words; without what was not there."""
    told_so = (
        (name, held) for name, held in sorted(decision.question.items()) if held not in ("", None, [], {})
    )
    return [
        (
            name.replace("_", " ").capitalize(),
            ", ".join(map(str, held)) if isinstance(held, list) else str(held),
        )
        for name, held in told_so
    ]


@dataclass(frozen=True, slots=True)
class LeafLine:
    """One comparison of a decision, as it was and (once it was taken again) as it is."""

    sentence: str
    pill: told.Pill
    again: told.Pill | None = None
    same: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the rule with what it said, comparison by comparison."""

    name: str
    pill: told.Pill
    leaves: Sequence[LeafLine]


def pill(outcome: str) -> told.Pill:
    """Return one of the three outcomes of a condition as a pill."""
    icon, tone = _MARKS.get(outcome, ("point", ""))
    return told.Pill(_WORDS.get(outcome, outcome), icon, tone)


def _titles(decision: Decision) -> dict[str, str]:
    """Return the titles of the lines of the version that decided, by their keys."""
    try:
        raw = decisions.policy_of(decision).raw
    except LookupError:
        return {}
    lists = [held for held in raw.values() if isinstance(held, list | tuple)]
    named = [
        one for held in lists for one in held if isinstance(one, Mapping) and {"key", "title"} <= one.keys()
    ]
    return {str(one["key"]): str(one["title"]) for one in named}


def hidden(user: Any, decision: Decision) -> frozenset[str]:
    """Return the facts of a decision that hold what `user` may not read of its record."""
    declared = access.declarations().get(decision.subject_type)
    unread = declared.fields - access.readable(user, decision.subject_type) if declared else frozenset()
    return frozenset(path for path in decision.facts if path.rpartition(".")[2] in unread)


def verdicts(
    decision: Decision, unread: Collection[str] = (), again: Sequence[Mapping[str, Any]] | None = None
) -> list[Verdict]:
    """Return the verdicts of a decision, beside each comparison what it is `again` where it was taken again."""
    titles = _titles(decision)
    found = []
    for place, one in enumerate(decision.verdicts):
        other = again[place] if again is not None and place < len(again) else {}
        key = str(one.get("rule_key", ""))
        leaves = _leaves(one, other, unread, again is not None)
        found.append(Verdict(titles.get(key, key), pill(str(one.get("outcome", ""))), leaves))
    return found


def _leaves(
    one: Mapping[str, Any], other: Mapping[str, Any], unread: Collection[str], compared: bool
) -> list[LeafLine]:
    others = list(other.get("leaves", ()))
    found = []
    for place, leaf in enumerate(one.get("leaves", ())):
        held = others[place] if place < len(others) else None
        sentence = (
            "Asks for something that you may not read" if leaf["path"] in unread else str(leaf["sentence"])
        )
        now = pill(str(held["outcome"])) if held else None
        found.append(LeafLine(sentence, pill(leaf["outcome"]), now, not compared or held == leaf))
    return found


@dataclass(frozen=True, slots=True)
class Again:
    """A decision taken again: whether it came out the same, where not, and its verdicts beside those of then."""

    same: bool
    outcome: str
    differences: Sequence[str]
    verdicts: Sequence[Verdict]


def again(decision: Decision, unread: Collection[str] = ()) -> Again:
    """Take a decision again by its own version and facts, and lay it beside what is stored, leaf by leaf."""
    found = decisions.replay(decision)
    try:
        answer = decisions.decide(decisions.policy_of(decision), decision)
        told_again = json.loads(json.dumps([one.as_json() for one in answer.verdicts]))
    except (RuleError, TypeError, LookupError, ValueError):
        told_again = []
    return Again(found.same, found.outcome, found.differences, verdicts(decision, unread, told_again))


def observed(decision: Decision, unread: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return the facts a decision saw, with their labels and in words; without those that one may not read."""
    known: dict[str, Any] = {}
    with contextlib.suppress(LookupError):
        known = dict(facts.get(decision.subject_type).by_path)
        known |= facts.get(decision.subject_type).collections_by_path
    held = ((path, value) for path, value in sorted(decision.facts.items()) if path not in unread)
    return [
        (known[path].label if path in known else path, _plain(known.get(path), value)) for path, value in held
    ]


def _plain(fact: Any, value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return f"{len(value)} of them"
    if isinstance(value, str) and getattr(fact, "kind", "") == FactKind.INSTANT:
        return formatting.day(datetime.fromisoformat(value))
    return str(getattr(fact, "labels", {}).get(str(value), value))


def title(key: str) -> str:
    """Return the title of a rule, or its key where nobody registers it any more."""
    try:
        return documents.get(key).title
    except LookupError:
        return key
