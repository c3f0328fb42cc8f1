"""What is wrong with a rule: each problem says where, what was found and what is allowed."""

from dataclasses import dataclass
from typing import Any

from revops.kernel.audit import Finding

MAX_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `position` is a JSON pointer such as `/all/1/v` (empty for the whole rule)."""

    position: str
    message: str
    found: str
    needed: str

    def __str__(self) -> str:
        return f"{self.position or '/'}: {self.message}. Found {self.found}; allowed: {self.needed}."


class RuleError(ValueError):
    """The JSON is no rule; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: "list[Problem]") -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(str(problem) for problem in self.problems))

    def findings(self, code: str, field: str = "body") -> list[Finding]:
        """Return the problems as findings against the field that holds the rule."""
        return [
            Finding(code, str(one), field=field, found=one.found[:80], needed=one.needed)
            for one in self.problems
        ]


class Problems:
    """Collects problems while a rule is read, at most fifty."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, position: str, message: str, found: Any, needed: str) -> None:
        self.found.append(Problem(position, message, shown(found), needed))
        if len(self.found) >= MAX_PROBLEMS:
            raise RuleError(self.found)

    def raise_any(self) -> None:
        if self.found:
            raise RuleError(self.found)


def step(at: str, name: str | int) -> str:
    """Return the position below `at`, spelled as a JSON pointer; a long name is cut."""
    return f"{at}/{str(name)[:60].replace('~', '~0').replace('/', '~1')}"


def shown(value: Any) -> str:
    """Return at most 80 visible characters of something found."""
    if isinstance(value, dict):
        return "an object with " + (", ".join(shown(key) for key in list(value)[:5]) or "nothing in it")
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = value[:80] if isinstance(value, str) else f"{type(value).__name__} {_number(value)}"
    return "".join(char if char.isprintable() else "�" for char in text) or "empty text"


def _number(value: Any) -> str:
    """Return a number, but not thousands of its digits."""
    if isinstance(value, int) and value.bit_length() > 200:
        return "of more than 60 digits"
    return str(value)[:60] if isinstance(value, int | float) else ""
