"""Whom rules ask, over plain values: who is replaced, merged, and put in which level (M6, submit)."""

from typing import Any

import pytest

from revops.kernel.approvals.asking import Directory, Planned, Question, plan
from revops.kernel.approvals.bodies import ApprovalRule

REP, MANAGER, DIRECTOR, FIN, FRAN, RITA = 1, 2, 3, 4, 5, 6
NAMES = {1: "Rep", 2: "Manager", 3: "Director", 4: "Fin", 5: "Fran", 6: "Rita"}
DIRECTORY = Directory(
    active=frozenset(NAMES),
    holders={
        "DIRECTOR": frozenset({DIRECTOR}),
        "FINANCE": frozenset({FIN, FRAN}),
        "REVOPS": frozenset({RITA}),
    },
    manager_of={REP: MANAGER, MANAGER: DIRECTOR},
    by_email={f"{name.lower()}@example.com": pk for pk, name in NAMES.items()},
    names=NAMES,
)
BOSS: dict[str, Any] = {"manager_of_owner": 1}
TOP: dict[str, Any] = {"role": "DIRECTOR"}
MONEY: dict[str, Any] = {"role": "FINANCE"}


def rule(key: str, level: int, *approvers: dict[str, Any], **more: Any) -> ApprovalRule:
    return ApprovalRule.model_validate(
        {"key": key, "title": key, "level": level, "approvers": list(approvers), **more}
    )


def shown(steps: list[Planned]) -> list[tuple[int, str, list[list[str]]]]:
    return [
        (step.level, step.title, [sorted(NAMES[one] for one in slot.people) for slot in step.slots])
        for step in steps
    ]


def asked(*rules: ApprovalRule, by: int = REP, owner: int | None = REP, of: Directory = DIRECTORY) -> Any:
    steps, findings = plan(rules, of, Question(by, owner))
    return shown(steps) if not findings else [finding.code for finding in findings]


@pytest.mark.parametrize(("rules", "wanted"), [
    ((rule("b", 2, TOP), rule("a", 1, BOSS)), [(1, "a", [["Manager"]]), (2, "b", [["Director"]])]),
    # The same approver is asked once, at the highest level, for both rules.
    ((rule("a", 1, TOP), rule("b", 3, TOP)), [(3, "b, a", [["Director"]])]),
    # Who must say yes further up is taken off a step that asks each of several.
    ((rule("a", 1, TOP, MONEY, mode="all"), rule("b", 2, TOP)),
     [(1, "a", [["Fin", "Fran"]]), (2, "b, a", [["Director"]])]),
    # An alternative stays one: merging never narrows who may say yes.
    ((rule("a", 1, TOP, MONEY), rule("b", 2, TOP)),
     [(1, "a", [["Director"], ["Fin", "Fran"]]), (2, "b", [["Director"]])]),
    ((rule("a", 1, {"named": "FRAN@example.com"}),), [(1, "a", [["Fran"]])]),
    ((rule("a", 1, {"group": ["fin@example.com", "fran@example.com"], "any_of": 2}),), [(1, "a", [["Fin", "Fran"]])]),
])  # fmt: skip
def test_rules_ask(rules: tuple[ApprovalRule, ...], wanted: Any) -> None:
    assert asked(*rules) == wanted


@pytest.mark.parametrize(("rules", "by", "owner", "wanted"), [
    # The submitter is replaced by their manager, who is then asked once.
    ((rule("a", 1, BOSS), rule("b", 2, TOP)), MANAGER, REP, [(2, "b, a", [["Director"]])]),
    # The owner of the record decides as little as who submits it.
    ((rule("a", 1, MONEY),), REP, FIN, [(1, "a", [["Fran"]])]),
    # Nobody stands above: RevOps is asked.
    ((rule("a", 1, TOP),), DIRECTOR, REP, [(1, "a", [["Rita"]])]),
    ((rule("a", 1, {"role": "NOBODY"}),), REP, REP, [(1, "a", [["Rita"]])]),
    ((rule("a", 1, MONEY, mode="k_of_n", k=2),), FIN, REP, [(1, "a", [["Fran"], ["Rita"]])]),
    # And where RevOps itself asks, there is nobody left.
    ((rule("a", 1, {"role": "NOBODY"}),), RITA, REP, ["APR-010"]),
])  # fmt: skip
def test_who_may_not_decide_is_replaced(
    rules: tuple[ApprovalRule, ...], by: int, owner: int, wanted: Any
) -> None:
    assert asked(*rules, by=by, owner=owner) == wanted


def test_inactive_manager_is_passed_over() -> None:
    gone = Directory(
        frozenset(NAMES) - {MANAGER}, DIRECTORY.holders, DIRECTORY.manager_of, DIRECTORY.by_email, NAMES
    )
    assert asked(rule("a", 1, BOSS), of=gone) == [(1, "a", [["Director"]])]
