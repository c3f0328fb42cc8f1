"""The condition language: parse a rule, run it over the facts of one record or over a table. Source: M2.

rule = rules.parse({"f": "account.employees", "op": "gte", "v": 100}, facts.get("accounts.account"))
verdict = rules.evaluate(rule, {"account.employees": 80}, now)
verdict.leaves[0].sentence      # "Employees is 80; needs at least 100"
Account.objects.filter(rules.to_q(rule, now, Outcome.TRUE))
"""

from revops.kernel.policies.rules.compiling import to_q, to_q_unless_false
from revops.kernel.policies.rules.evaluating import evaluate
from revops.kernel.policies.rules.nodes import Outcome, Rule
from revops.kernel.policies.rules.parsing import parse
from revops.kernel.policies.rules.problems import Problem, RuleError
from revops.kernel.policies.rules.verdicts import Leaf, Verdict
from revops.kernel.policies.rules.words import describe

__all__ = [
    "Leaf",
    "Outcome",
    "Problem",
    "Rule",
    "RuleError",
    "Verdict",
    "describe",
    "evaluate",
    "parse",
    "to_q",
    "to_q_unless_false",
]
