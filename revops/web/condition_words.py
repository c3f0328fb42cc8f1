"""The condition of a list in words: one chip a part, people and records by their names."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from revops.kernel.identity.models import User
from revops.kernel.policies.facts import Fact
from revops.kernel.policies.kinds import FactKind
from revops.kernel.policies.rules import Rule, describe
from revops.kernel.policies.rules.nodes import All, AnyOf, Compare, Literal, Named, Node, Not
from revops.kernel.records.listing import where
from revops.kernel.records.registry import Field, FieldKind, RecordType
from revops.web import formatting
from revops.web.addresses import Address
from revops.web.chips import Chip, titles

Names = Mapping[str, Mapping[int, str]]


def chips(record_type: RecordType, rule: Rule | None, address: Address, user: Any) -> list[Chip]:
    """Return the parts of a condition as chips, each with the address of the list without it."""
    if rule is None:
        return []
    known = names(record_type, rule.root, user)
    if not isinstance(rule.root, All):
        return [Chip("", "", said(rule.root, known, rule.body), address.to(where=None), builds=True)]
    parts = rule.body["all"]
    return [
        Chip("", "", said(node, known, parts[at]), address.to(where=_without(parts, at)), builds=True)
        for at, node in enumerate(rule.root.parts)
    ]


def _without(parts: list[Any], at: int) -> str | None:
    rest = [part for place, part in enumerate(parts) if place != at]
    return where.dump({"all": rest}) if rest else None


def said(node: Node, names: Names, body: Any) -> str:
    """Return one node in words. `body` is its JSON, which tells a period from the dates it means today."""
    if isinstance(node, All | AnyOf):
        (key,) = body
        joined = " and " if isinstance(node, All) else " or "
        parts = [said(part, names, inner) for part, inner in zip(node.parts, body[key], strict=True)]
        return joined.join(parts) if len(parts) == 1 else f"({joined.join(parts)})"
    if isinstance(node, Not):
        return f"not {said(node.part, names, body['not'])}"
    if isinstance(node, Compare):
        return _relative(node, body) or describe(_single(_named(node, names)))
    return describe(node)


def _relative(node: Compare, body: Any) -> str:
    """Return what is said of the calendar or of the reader as people say it, or nothing."""
    given = body.get("v")
    if given == {"param": "me"}:
        return f"{node.fact.label} {'is' if node.op == 'eq' else 'is not'} you"
    if node.op != "between" or not all(isinstance(one, dict) and len(one) == 1 for one in given):
        return ""
    first, last = given
    if "param" in first and str(first["param"]).removesuffix("_at") in where.CALENDAR:
        place, kind, _ = str(first["param"]).removesuffix("_at").split("_")
        if last.get("param") == str(first["param"]).replace("start", "end"):
            fiscal = "" if kind == "month" else "fiscal "
            return f"{node.fact.label} is {place} {fiscal}{kind}"
    if last == {"now": "P0D"} and str(first.get("now", "")).startswith("-P"):
        return f"{node.fact.label} is in the last {_length(first['now'])}"
    if first == {"now": "P0D"} and str(last.get("now", "")).startswith("P"):
        return f"{node.fact.label} is in the next {_length(last['now'])}"
    return ""


def _length(text: str) -> str:
    number, unit = (
        text.lstrip("-P")[:-1],
        {"D": "day", "W": "week", "M": "month", "Y": "year"}.get(text[-1], ""),
    )
    return f"{number} {unit}{'' if number == '1' else 's'}"


def _named(node: Compare, names: Names) -> Compare:
    """Return a comparison whose ids are names, and whose dates are as the reader writes them."""
    held = names.get(node.fact.path)
    if held is None:
        return node
    fact = Fact(
        node.fact.path,
        node.fact.label,
        FactKind.CHOICE,
        choices=[(str(pk), name) for pk, name in held.items()] or [("-", "-")],
    )
    operands = tuple(
        replace(one, value=_texts(one.value)) if isinstance(one, Literal) else one for one in node.operands
    )
    return replace(node, fact=fact, operands=operands)


def _single(node: Compare) -> Compare:
    """Return a comparison with a list of one as one with that value."""
    if node.op not in ("in", "not_in") or not isinstance(node.operands[0], Literal):
        return node
    held = node.operands[0].value
    if len(held) != 1:
        return node
    return replace(node, op="eq" if node.op == "in" else "ne", operands=(Literal(held[0]),))


def _texts(value: Any) -> Any:
    return tuple(map(str, value)) if isinstance(value, tuple) else str(value)


def names(record_type: RecordType, root: Node, user: Any) -> dict[str, dict[int, str]]:
    """Return the names behind the ids of a condition by field, one query a field, as far as `user` may know them."""
    asked: dict[str, set[int]] = {}
    for node in _leaves(root):
        if node.fact.kind is FactKind.REFERENCE:
            ids = asked.setdefault(node.fact.path, set())
            for operand in node.operands:
                if isinstance(operand, Literal):
                    ids |= set(operand.value if isinstance(operand.value, tuple) else [operand.value])
    return {path: named(record_type.by_name[path], ids, user) for path, ids in asked.items()}


def named(field: Field, ids: set[int], user: Any) -> dict[int, str]:
    """Return the names behind the ids of a link, as far as `user` may know them; the others by their number."""
    if field.kind is FieldKind.PERSON:
        found = dict(User.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    else:
        found = dict(titles(field, list(map(str, ids)), user)) if ids else {}
    return {pk: found.get(pk, f"number {formatting.number(pk)}") for pk in sorted(ids)}


def _leaves(node: Node) -> Iterator[Compare]:
    if isinstance(node, Compare):
        yield node
    elif isinstance(node, All | AnyOf):
        for part in node.parts:
            yield from _leaves(part)
    elif isinstance(node, Not | Named):
        yield from _leaves(node.part)
