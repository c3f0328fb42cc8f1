"""Edit many accounts at once: the same checks and writes as one by one."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.actions import clashes, drafts, editing
from accounts.actions.creating import check_tree
from revops.kernel.records import many
from revops.kernel.records.many import Many, Row

# What flows down the tree, and what one account alone may have: what the first gets speaks against the next.
_ONE_BY_ONE = editing.DERIVED_FROM | clashes.UNIQUE.keys() | {"tax_id", "country", "domain"}


def _weigh(rows: Sequence[Row], by: Any, reason: str) -> None:
    many.require_edit(rows, by)
    ready = many.standing(rows)
    for row in ready:
        row.draft = drafts.read(row.values, row.record)
    drafts.check([row.draft for row in ready], by)
    check_tree([row.draft for row in ready])
    many.collect(ready)


def _write(rows: Sequence[Row], by: Any, reason: str) -> None:
    editing.write_edited([row.draft for row in rows], by)


def _alone(values: Mapping[str, Any]) -> bool:
    return bool(_ONE_BY_ONE & values.keys())


EDIT = Many(_weigh, _write, alone=_alone)
