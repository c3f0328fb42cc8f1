"""Bodies that hold rules: named ones, parameters, and whatever the document asks conditions for."""

from typing import Any, ClassVar

from revops.kernel.policies import facts, rules
from revops.kernel.policies.documents import Body
from revops.kernel.policies.facts import FactSchema
from revops.kernel.policies.kinds import MAX_TEXT
from revops.kernel.policies.rules import Rule
from revops.kernel.policies.rules.operands import MAX_LIST
from revops.kernel.policies.rules.problems import Problems, step


class RuleBody(Body):
    """A body whose conditions ask about one record type.

    `rules` holds conditions by name, for `ref`; `params` the values that conditions use by name.
    """

    record_type: ClassVar[str]

    rules: dict[str, Any] = {}
    params: dict[str, Any] = {}

    @property
    def vocabulary(self) -> FactSchema:
        """Return the facts that the conditions may ask for."""
        return facts.get(self.record_type)

    def rule(self, raw: Any, at: str) -> Rule:
        """Parse one condition of the body. Raises RuleError with every problem."""
        return rules.parse(raw, self.vocabulary, params=self.params, refs=self.rules, at=at)

    def try_rule(self, raw: Any, at: str, problems: Problems) -> Rule | None:
        """Parse one condition, adding what is wrong with it to `problems`."""
        try:
            return self.rule(raw, at)
        except rules.RuleError as error:
            problems.found += [problem for problem in error.problems if problem not in problems.found]
            return None

    def check_named(self, problems: Problems) -> None:
        """Parse the named rules and look at the parameters, whether or not anything uses them."""
        for name, raw in self.rules.items():
            self.try_rule(raw, step("/rules", name), problems)
        for name, value in self.params.items():
            items = value if isinstance(value, list) else [value]
            if len(items) > MAX_LIST or not all(_is_plain(item) for item in items):
                needed = f"a value or a list of at most {MAX_LIST}, texts of at most {MAX_TEXT} characters"
                problems.add(step("/params", name), "This is no value of a parameter", value, needed)


def _is_plain(item: Any) -> bool:
    if isinstance(item, str):
        return len(item) <= MAX_TEXT and item.isprintable()
    return isinstance(item, bool | int) and item.bit_length() <= 63
