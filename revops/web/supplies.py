"""What a move lacked and a deed supplies: a small form of each in its dialog, and what was entered into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict

from revops.kernel.audit import Blocked, Finding
from revops.kernel.people import access
from revops.kernel.records.boards import Deed, Move, Supply
from revops.kernel.records.registry import Field
from revops.web import inputs
from revops.web.properties import Sheet

# The name under which the form of a move says which deeds it asked for.
GIVEN = "supply"


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one deed: what lacks, in words, and the inputs that supply it.

    It stands open where somebody has filled in something, or where it is the only one.
    """

    key: str
    label: str
    icon: str
    findings: Sequence[Finding]
    inputs: Sequence[inputs.Input]
    is_open: bool


def posted(shown: Sheet, way: Move, form: QueryDict) -> list[Deed]:
    """Return the deeds into whose forms something was entered."""
    found = []
    for key in form.getlist(GIVEN)[:40]:
        supply = _offered(shown, way, key)
        if supply is None:
            continue
        values = _entered(key, supply, form, shown)
        if _is_filled(shown, supply, values):
            found.append(Deed(key, supply.action.name, {**values, **supply.values}))
    return found


def forms(shown: Sheet, way: Move, error: Blocked, given: Sequence[Deed]) -> list[Form]:
    """Return a form for everything that stands in the way and that a deed of this reader supplies."""
    keys = list(dict.fromkeys([*(one.key for one in given), *(one.field for one in error.findings)]))
    offered = [(key, supply) for key in keys if (supply := _offered(shown, way, key)) is not None]
    held = {one.key: one.values for one in given}
    return [
        _form(shown, key, supply, error, held.get(key, {}), is_open=key in held or len(offered) == 1)
        for key, supply in offered
    ]


def named(found: Sequence[Form]) -> set[str]:
    """Return the names of the findings that these forms tell: what lacks, and what speaks against what was entered."""
    return {one.key for one in found} | {each.name for one in found for each in one.inputs}


def _offered(shown: Sheet, way: Move, key: str) -> Supply | None:
    supply = way.supplies(key)
    if supply is None or not access.allowed(shown.user, supply.action.asks, shown.record):
        return None
    return supply


def _fields(shown: Sheet, supply: Supply) -> tuple[list[Field], Mapping[str, str]]:
    """Return what a deed asks for here, and what its form begins with; three queries at most for what it offers."""
    begun = supply.action.begins(shown.record, shown.user, supply.values)
    asked = inputs.asked(supply.action, begun)
    return [one for one in asked if one.name not in supply.values], begun.values


def _entered(key: str, supply: Supply, form: QueryDict, shown: Sheet) -> dict[str, str]:
    fields = [replace(one, name=f"{key}-{one.name}") for one in supply.action.fields if not one.silent]
    return {
        name.removeprefix(f"{key}-"): value for name, value in inputs.posted(fields, form, shown.user).items()
    }


def _is_filled(shown: Sheet, supply: Supply, values: Mapping[str, str]) -> bool:
    """Say whether somebody entered anything besides what the form began with."""
    _, begun = _fields(shown, supply)
    return any(
        text not in ("", "false", begun.get(name))
        for name, text in values.items()
        if name not in supply.values
    )


def _form(
    shown: Sheet, key: str, supply: Supply, error: Blocked, held: Mapping[str, str], *, is_open: bool
) -> Form:
    fields, begun = _fields(shown, supply)
    by_name: dict[str, list[Finding]] = {}
    for finding in error.findings:
        by_name.setdefault(finding.field, []).append(finding)
    made = [
        inputs.make(
            replace(one, name=f"{key}-{one.name}"),
            held.get(one.name, begun.get(one.name, "")),
            user=shown.user,
            findings=by_name,
        )
        for one in fields
    ]
    label = supply.label or supply.action.label
    return Form(key, label, supply.action.icon, by_name.get(key, []), made, is_open)
