"""The condition of a list (`where=`): the language of policies over the fields that its reader may ask about.

`{"all": [{"f": "stage", "op": "eq", "v": "proposal"}, {"f": "owner", "op": "eq", "v": {"param": "me"}}]}`. What
stands for the reader or for the calendar is a parameter, so that a shared view means the same to everybody: `me`,
and the beginning and end of months, fiscal quarters and years around today. Source: M2, A07.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NoReturn

from revops.kernel import clocks
from revops.kernel.audit import Finding
from revops.kernel.clocks import fiscal
from revops.kernel.clocks.enums import PeriodKind
from revops.kernel.dates import add_months
from revops.kernel.people import access
from revops.kernel.policies import rules
from revops.kernel.policies.durations import organisation_date, organisation_zone
from revops.kernel.policies.facts import Fact, FactSchema
from revops.kernel.policies.kinds import FactKind
from revops.kernel.records import registry, values
from revops.kernel.records.registry import Field, FieldKind

LONGEST = 8_000
KINDS = {
    FieldKind.TEXT: FactKind.TEXT,
    FieldKind.LONG_TEXT: FactKind.TEXT,
    FieldKind.URL: FactKind.TEXT,
    FieldKind.CHOICE: FactKind.CHOICE,
    FieldKind.COUNTRY: FactKind.CHOICE,
    FieldKind.BOOLEAN: FactKind.BOOLEAN,
    FieldKind.INTEGER: FactKind.INTEGER,
    FieldKind.PERCENT: FactKind.DECIMAL,
    FieldKind.MONEY: FactKind.MONEY,
    FieldKind.DATE: FactKind.DATE,
    FieldKind.INSTANT: FactKind.INSTANT,
    FieldKind.REFERENCE: FactKind.REFERENCE,
    FieldKind.PERSON: FactKind.REFERENCE,
}
_PERIODS = {"month": None, "quarter": PeriodKind.QUARTER, "year": PeriodKind.YEAR}
_PLACES = {"last": -1, "this": 0, "next": 1}
# `this_quarter_start`, `next_month_end` …: the first and the last day. With `_at` behind: their first and last instant.
CALENDAR = frozenset(
    f"{place}_{kind}_{end}" for place in _PLACES for kind in _PERIODS for end in ("start", "end")
)


def askable(record_type: registry.RecordType, user: Any) -> list[Field]:
    """Return the fields that `user` may set conditions on, in page order."""
    readable = access.readable(user, record_type.label)
    return [
        one for one in record_type.fields if one.filterable and one.name in readable and one.kind in KINDS
    ]


def schema_of(record_type: registry.RecordType, user: Any) -> FactSchema:
    """Return what `user` may ask about records of this type; a field they may not read is no fact (A07)."""
    return _schema(record_type, tuple(field.name for field in askable(record_type, user)))


@lru_cache(maxsize=256)
def _schema(record_type: registry.RecordType, names: tuple[str, ...]) -> FactSchema:
    columns = {column.name: column for column in record_type.model._meta.concrete_fields}
    return FactSchema(record_type.label, tuple(_fact(record_type.by_name[name], columns) for name in names))


def _fact(field: Field, columns: Mapping[str, Any]) -> Fact:
    kind, choices = KINDS[field.kind], tuple(field.choices)
    if field.kind is FieldKind.COUNTRY:
        choices = tuple(values.countries().items())
    if kind is FactKind.CHOICE and not choices:
        kind = FactKind.TEXT
    folded = columns.get(field.column) if field.column and kind is FactKind.TEXT else None
    return Fact(
        field.name,
        field.label,
        kind,
        column=field.attname,
        folded=field.column if folded is not None else "",
        folded_length=getattr(folded, "max_length", None),
        choices=choices if kind is FactKind.CHOICE else (),
    )


def read(record_type: registry.RecordType, user: Any, text: str) -> rules.Rule:
    """Read the text of a condition. Raises RuleError with every problem, ValueError for what is no JSON."""
    return parse(record_type, user, load(text))


def parse(record_type: registry.RecordType, user: Any, body: Any) -> rules.Rule:
    """Read a condition as data. Raises RuleError with every problem."""
    named = set(_parameters(body))
    return rules.parse(body, schema_of(record_type, user), params=_given(user, named))


def load(text: str) -> Any:
    """Return the JSON of a condition. Raises ValueError saying what would fit."""
    if len(text) > LONGEST:
        raise ValueError(f"a condition of at most {LONGEST:,} characters")
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ValueError('a condition as JSON, such as {"f": "name", "op": "not_null"}') from None


def dump(body: Any) -> str:
    """Return a condition as an address carries it."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def settled(text: str, user: Any) -> str:
    """Return the text of a condition with the reader's id where it says `me`; what is no condition stays as it is."""
    try:
        return dump(_settled(load(text), user.pk))
    except ValueError:
        return text


def _settled(body: Any, me: int) -> Any:
    if body == {"param": "me"}:
        return me
    if isinstance(body, dict):
        return {name: _settled(held, me) for name, held in body.items()}
    return [_settled(held, me) for held in body] if isinstance(body, list) else body


def findings(error: rules.RuleError) -> list[Finding]:
    """Return what is wrong with a condition, each with its place in it."""
    return error.findings("LST-001", "where")


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _parameters(body: Any) -> Iterator[str]:
    """Yield the parameters that a condition names; what is no condition names none."""
    level = [body]
    while level:
        held = level.pop()
        if isinstance(held, dict):
            if set(held) == {"param"} and isinstance(held["param"], str):
                yield held["param"]
            level.extend(held.values())
        elif isinstance(held, list):
            level.extend(held)


def _given(user: Any, named: set[str]) -> dict[str, Any]:
    """Return the values of the parameters that are named; the calendar is asked for what is."""
    found: dict[str, Any] = {"me": user.pk} if user.pk else {}
    for name in named:
        plain = name.removesuffix("_at")
        if plain in CALENDAR:
            place, kind, end = plain.split("_")
            edge = _edge(place, kind, end)
            if edge is not None:
                found[name] = edge.isoformat() if plain == name else _instant(edge, end)
    return found


def _edge(place: str, kind: str, end: str) -> date | None:
    """Return where a period around today begins or ends; None where the fiscal calendar does not reach."""
    today = organisation_date(clocks.now())
    period = _PERIODS[kind]
    if period is None:
        start = add_months(today.replace(day=1), _PLACES[place])
        last = add_months(start, 1) - timedelta(days=1)
    else:
        try:
            held = fiscal.period_of(today, period)
            if place == "last":
                held = fiscal.period_of(held.start - timedelta(days=1), period)
            elif place == "next":
                held = fiscal.period_of(held.end + timedelta(days=1), period)
        except fiscal.NoFiscalPeriod:
            return None
        start, last = held.start, held.end
    if end == "start":
        return start
    return last


def _instant(day: date, end: str) -> str:
    """Return the first instant of a day, or its last, in the organisation's time zone."""
    moment = datetime.combine(day, time.max if end == "end" else time.min, organisation_zone())
    return moment.astimezone(UTC).isoformat()
