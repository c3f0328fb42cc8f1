"""The condition builder of a list: its panel, one more row of it, and the address it leads to."""

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect

from revops.kernel.audit import Blocked
from revops.kernel.policies.rules import RuleError
from revops.kernel.records.listing import where
from revops.kernel.records.registry import FieldKind, RecordType
from revops.web import building, condition_words, inputs, preferences, refusals
from revops.web.access_rows import record
from revops.web.building import Group, Row
from revops.web.rendering import show
from revops.web.views.menus import back_to


@record(GET="view")
def builder(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show the condition of a list as rows to change; an empty row where there is none."""
    address = back_to(request, record_type, request.GET.urlencode())
    zone = preferences.of(request.user).zone
    refusal, root = None, Group("all", (Row(),))
    if text := address.parameters.get("where", ""):
        try:
            root = building.shown(where.read(record_type, request.user, text).body, record_type, zone)
        except (RuleError, ValueError) as error:
            refusal = _refusal(error, text)
    return _panel(request, record_type, root, request.GET.urlencode(), refusal)


@record(GET="view")
def condition_row(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show one row with the operators and the value that fit its field, or one more group."""
    given = request.GET
    if given.get("group"):
        depth = min(building.DEEPEST, int(given["group"]) if given["group"] in ("2", "3") else 2)
        part = _of_group(record_type, Group("any", (Row(),)), request.user, depth)
        return show(
            request, "records/list/builder_group.html", {"part": part, "type": record_type}, fragment=True
        )
    values = [
        text for name, texts in given.lists() if name.partition("-")[0] == "v" for text in texts if text
    ]
    changed = given.get("changed", "")
    row = Row(
        given.get("f", ""), "" if changed == "f" else given.get("op", ""), () if changed == "f" else values
    )
    part = _of_row(record_type, row, request.user) | {"at": {"f": "op", "op": "value"}.get(changed, "field")}
    return show(request, "records/list/builder_row.html", {"part": part, "type": record_type}, fragment=True)


@record(GET="view")
def build(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Turn the rows of the builder into the address of a list, and go there; or say beside each what is wrong."""
    back = request.GET.get("back", "")
    address = back_to(request, record_type, back)
    try:
        root = building.read(request.GET.get("draft", ""))
    except ValueError:
        return HttpResponseBadRequest("These are no conditions.")
    body = building.condition(root, record_type, preferences.of(request.user).zone)
    try:
        if body is not None:
            where.parse(record_type, request.user, body)
            where.load(where.dump(body))
    except (RuleError, ValueError) as error:
        problems = error.problems if isinstance(error, RuleError) else ()
        held: Any = building.against(root, problems)
        return _panel(request, record_type, held, back, _refusal(error, where.dump(body)), status=422)
    return HttpResponseRedirect(address.to(where=where.dump(body) if body is not None else None))


def _refusal(error: Exception, text: str) -> refusals.Refusal:
    """Return what to show of a condition that does not fit."""
    if isinstance(error, RuleError):
        return refusals.of(Blocked(where.findings(error)), "These conditions cannot be asked")
    wrong = Blocked.because(
        "LST-001", f"where: use {error}.", field="where", found=text[:80], needed=str(error)
    )
    return refusals.of(wrong, "These conditions cannot be asked")


def _panel(
    request: HttpRequest,
    record_type: RecordType,
    root: Group,
    back: str,
    refusal: refusals.Refusal | None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "type": record_type,
        "root": _of_group(record_type, root, request.user, 1),
        "back": back,
        "refusal": refusal if not _told(root) else None,
    }
    answer = show(request, "records/list/builder.html", context, status=status, fragment=True)
    if refusal is not None:
        answer["HX-Retarget"], answer["HX-Reswap"] = "#builder", "innerHTML"
        answer["HX-Push-Url"] = "false"
    return answer


def _told(part: Row | Group) -> bool:
    """Say whether what is wrong stands beside a row already."""
    return bool(part.problems) if isinstance(part, Row) else any(map(_told, part.parts))


def _of_group(record_type: RecordType, group: Group, user: Any, depth: int) -> dict[str, Any]:
    parts = [
        _of_group(record_type, one, user, depth + 1)
        if isinstance(one, Group)
        else _of_row(record_type, one, user)
        for one in group.parts
    ]
    return {
        "is_group": True,
        "mode": group.mode,
        "modes": building.MODES.items(),
        "parts": parts,
        "deeper": depth + 1 if depth < building.DEEPEST else 0,
        "is_root": depth == 1,
    }


def _of_row(record_type: RecordType, row: Row, user: Any) -> dict[str, Any]:
    """Return what draws one row: the fields, the operators of the chosen one, and the input of its value."""
    askable = where.askable(record_type, user)
    one = next((field for field in askable if field.name == row.field), None)
    uid = secrets.token_hex(4)
    context: dict[str, Any] = {"row": row, "askable": askable}
    if row.raw is not None:
        return context | {"raw": where.dump(row.raw), "said": _said(record_type, row.raw, user)}
    if one is None:
        return context
    operators = building.operators(one)
    op = row.op if row.op in dict(operators) else operators[0][0]
    values = list(row.values)
    return context | {
        "field": one,
        "operators": operators,
        "op": op,
        "editor": _editor(one.kind, op),
        "values": values,
        "first": values[0] if values else "",
        "second": values[1] if len(values) > 1 else "",
        "options": inputs.options(one) if one.kind is not FieldKind.BOOLEAN else _YES_OR_NO,
        "input_type": {FieldKind.DATE: "date", FieldKind.INSTANT: "datetime-local"}.get(one.kind, "text"),
        "keyboard": {FieldKind.INTEGER: "numeric", FieldKind.MONEY: "decimal"}.get(one.kind, ""),
        "pickers": inputs.Input(
            f"v-{uid}", one.label, "pickers", chosen=_chosen(one, values, user), source=inputs.source(one)
        ),
        "units": building.UNITS.items(),
        "periods": building.PERIODS.items(),
    }


def _said(record_type: RecordType, raw: Any, user: Any) -> str:
    """Return a condition that has no row in words, or as it is where it does not fit."""
    try:
        rule = where.parse(record_type, user, raw)
    except RuleError:
        return where.dump(raw)
    return condition_words.said(rule.root, condition_words.names(record_type, rule.root, user), raw)


_YES_OR_NO = (("true", "Yes"), ("false", "No"))


def _editor(kind: FieldKind, op: str) -> str:
    """Return which input an operator takes."""
    if op in ("is_null", "not_null", "is_me", "not_me"):
        return "none"
    if op in ("last", "next", "ago"):
        return "length"
    if op in ("period", "between"):
        return op
    if kind in (FieldKind.PERSON, FieldKind.REFERENCE):
        return "pickers"
    if kind is FieldKind.CHOICE:
        return "checks"
    return {FieldKind.COUNTRY: "several", FieldKind.BOOLEAN: "select"}.get(kind, "one")


def _chosen(one: Any, values: list[str], user: Any) -> list[tuple[str, str]]:
    """Return the ids of a picker of several with their names, as far as `user` may know them."""
    if one.kind not in (FieldKind.PERSON, FieldKind.REFERENCE):
        return []
    ids = {int(text) for text in values if text.isascii() and text.isdigit() and len(text) < 19}
    return [(str(pk), name) for pk, name in condition_words.named(one, ids, user).items()] if ids else []
