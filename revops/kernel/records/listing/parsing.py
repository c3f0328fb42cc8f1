"""From the address of a list to a query; every parameter that does not fit becomes a finding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from revops.kernel import metrics
from revops.kernel.audit import Blocked, Finding
from revops.kernel.metrics import Ratio
from revops.kernel.people import access
from revops.kernel.policies.rules import Rule, RuleError
from revops.kernel.records import registry, values
from revops.kernel.records.listing import where
from revops.kernel.records.listing.conditions import OPERATORS, Filter, condition
from revops.kernel.records.models import SavedView
from revops.kernel.records.views.opening import opened

MAX_LIMIT = 200
# Records by their own ids: the ones that somebody ticked.
ID = registry.Field("id", "Id", registry.FieldKind.INTEGER, filterable=True)
RESERVED = frozenset(
    {
        "sort",
        "after",
        "before",
        "limit",
        "q",
        "count",
        "columns",
        "widths",
        "density",
        "layout",
        "group",
        "tab",
        "format",
        "view",
        "where",
        "metric",
        "part",
    }
)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed list: what to show and in which order. `sort` is a field, `descending` its direction.

    `where` is the condition that joins the simple filters. With `ratio` it holds a part of that metric's records alone.
    """

    record_type: registry.RecordType
    filters: tuple[Filter, ...]
    text: str
    sort: registry.Field
    descending: bool
    limit: int
    after: str = ""
    before: str = ""
    where: Rule | None = None
    ratio: Ratio | None = None
    part: str = ""


def parse(
    record_type: registry.RecordType, user: Any, parameters: Mapping[str, str], *, limit: int = 50
) -> Query:
    """Read a list's parameters, those of the saved view that they name among them.

    Raises Blocked with a finding for every one that does not fit.
    """
    readable = access.readable(user, record_type.label)
    findings: list[Finding] = []
    parameters = _with_view(record_type, user, parameters, findings)
    filters: list[Filter] = []
    for name, text in parameters.items():
        if name in RESERVED:
            continue
        base, _, operator = name.partition("__")
        field = ID if base == ID.name else record_type.by_name.get(base)
        if field is None or base not in readable | {ID.name} or not field.filterable:
            findings.append(_unknown(name, record_type, readable))
        elif operator not in OPERATORS[field.kind]:
            possible = ", ".join(f"{base}__{op}" if op else base for op in OPERATORS[field.kind])
            findings.append(wrong(name, operator, f"one of {possible}"))
        else:
            filters.append(Filter(field, operator, _whose(field, text, user)))
    wanted = parameters.get("sort") or record_type.default_sort
    sort = record_type.by_name.get(wanted.lstrip("-"))
    if sort is None or not sort.sortable or sort.name not in readable:
        possible = ", ".join(f.name for f in record_type.fields if f.sortable and f.name in readable)
        findings.append(wrong("sort", wanted, f"one of {possible}; a leading - turns the order round"))
        sort = record_type.by_name[record_type.default_sort.lstrip("-")]
    given = parameters.get("limit") or str(limit)
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= MAX_LIMIT):
        findings.append(wrong("limit", given, f"a whole number from 1 to {MAX_LIMIT}"))
        given = str(limit)
    ratio, part = _measured(record_type, user, parameters, findings)
    query = Query(
        record_type=record_type,
        filters=tuple(filters),
        text=parameters.get("q", "")[:200],
        sort=sort,
        descending=wanted.startswith("-"),
        limit=int(given),
        after=parameters.get("after", ""),
        before=parameters.get("before", ""),
        where=_where(record_type, user, parameters.get("where", ""), findings),
        ratio=ratio,
        part=part,
    )
    for one in filters:
        findings += _try(one)
    if findings:
        raise Blocked(findings)
    return query


def whole(record_type: registry.RecordType, user: Any, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """Return a list's parameters for somebody else to read, or to be read later: those of the view that they name
    among them, and the reader's id for "me".

    One that names a view out of sight stays as it is, and is refused by `parse`.
    """
    held = dict(_with_view(record_type, user, parameters, []))
    for name, text in held.items():
        field = record_type.by_name.get(name.partition("__")[0])
        held[name] = where.settled(text, user) if name == "where" else text
        if field is not None:
            held[name] = _whose(field, text, user)
    return held


def _with_view(
    record_type: registry.RecordType, user: Any, parameters: Mapping[str, str], findings: list[Finding]
) -> Mapping[str, str]:
    """Return the parameters with those of the view that they name; a view that one does not see is a finding."""
    try:
        return opened(record_type, user, parameters).parameters
    except SavedView.DoesNotExist:
        findings.append(wrong("view", parameters.get("view", ""), "the id of a view that you can see"))
        return parameters


def _whose(field: registry.Field, text: str, user: Any) -> str:
    """Return the text of a filter with the reader's id for "me"."""
    if field.kind is not registry.FieldKind.PERSON or "me" not in text:
        return text
    return ",".join(str(user.pk) if one.strip() == "me" else one for one in text.split(","))


def _where(record_type: registry.RecordType, user: Any, text: str, findings: list[Finding]) -> Rule | None:
    """Return the condition that a text spells, or None with the findings against it."""
    if not text:
        return None
    try:
        return where.read(record_type, user, text)
    except RuleError as error:
        findings += where.findings(error)
    except ValueError as error:
        findings.append(wrong("where", text, str(error)))
    return None


def _measured(
    record_type: registry.RecordType, user: Any, parameters: Mapping[str, str], findings: list[Finding]
) -> tuple[Ratio | None, str]:
    """Return the metric whose records alone are asked for and which part of them; by default all it asks among."""
    key, part = parameters.get("metric", ""), parameters.get("part", "")
    ratio = metrics.ratio_of(key, record_type.label, user) if key else None
    if key and ratio is None:
        known = ", ".join(one.key for one in metrics.ratios_of(record_type.label, user))
        findings.append(wrong("metric", key, f"one of {known}" if known else "no metric"))
    if part and (part not in metrics.PARTS or not key):
        needed = "one of " + ", ".join(metrics.PARTS) if key else "a metric beside it"
        findings.append(wrong("part", part, needed))
    return ratio, part or metrics.PARTS[-1]


def _unknown(name: str, record_type: registry.RecordType, readable: frozenset[str]) -> Finding:
    possible = ", ".join(f.name for f in record_type.fields if f.filterable and f.name in readable)
    return wrong(name, name, f"one of {possible}")


def wrong(name: str, found: str, needed: str) -> Finding:
    """Return the finding about a parameter that does not fit."""
    name, shown = values.shown(name), values.shown(found)
    return Finding(
        "LST-001", f"{name}: {shown!r} does not fit. Use {needed}.", field=name, found=shown, needed=needed
    )


def _try(one: Filter) -> list[Finding]:
    try:
        condition(one)
    except ValueError as error:
        return [wrong(one.parameter, one.text, str(error))]
    return []
