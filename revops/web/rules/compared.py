"""Two versions of a rule beside each other: their words line by line, and what they say of themselves."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from revops.web.rules.told import Told


@dataclass(frozen=True, slots=True)
class Pair:
    """One line beside its counterpart; an empty side has none. `kind` is same, changed, gone or new."""

    left: str
    right: str
    kind: str

    @property
    def word(self) -> str:
        return {"changed": "Changed", "gone": "Taken away", "new": "Added"}.get(self.kind, "")


def words(left: Sequence[str], right: Sequence[str]) -> list[Pair]:
    """Lay two versions in words beside each other, in their order."""
    found: list[Pair] = []
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for tag, start, end, begin, stop in matcher.get_opcodes():
        before, after = list(left[start:end]), list(right[begin:stop])
        if tag == "equal":
            found += [Pair(one, one, "same") for one in before]
            continue
        for place in range(max(len(before), len(after))):
            was = before[place] if place < len(before) else ""
            now = after[place] if place < len(after) else ""
            found.append(Pair(was, now, "changed" if was and now else "gone" if was else "new"))
    return found


def settings(left: Told, right: Told) -> list[tuple[str, str, str]]:
    """Return what two versions say of themselves besides their body, where they differ."""
    sides = [
        ("How hard it insists", left.mode.text, right.mode.text),
        ("For", left.scope, right.scope),
        ("Source", left.source, right.source),
    ]
    return [(label, was, now) for label, was, now in sides if was != now]
