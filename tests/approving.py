"""A purpose that only tests have, over real accounts: what pages, the API and a browser show of approvals."""

from typing import Any

import pytest

from accounts.actions import edit_account
from accounts.models import Account
from revops.kernel import approvals, audit
from revops.kernel.approvals import bodies, purposes
from revops.kernel.approvals.models import ApprovalRequest
from revops.kernel.approvals.purposes import Purpose
from revops.kernel.identity.models import User
from revops.kernel.policies import documents

KEY, POLICY = "tests.account", "tests.account_approval"
PURPOSE = Purpose(
    KEY,
    "accounts.account",
    "Key account",
    lambda account: {"employees": account.employees, "description": account.description},
    POLICY,
    labels={"employees": "Employees", "description": "Description"},
)
RULES: tuple[dict[str, Any], ...] = (
    {
        "key": "size",
        "title": "More than 100 employees",
        "when": {"f": "account.employees", "op": "gt", "v": 100},
        "level": 1,
        "approvers": [{"manager_of_owner": 1}, {"role": "FINANCE"}],
        "monotone": {"account.employees": "lower_is_safer"},
    },
    {
        "key": "huge",
        "title": "More than 1,000 employees",
        "when": {"f": "account.employees", "op": "gt", "v": 1000},
        "level": 2,
        "approvers": [{"role": "DEAL_DESK"}],
        "monotone": {"account.employees": "lower_is_safer"},
    },
)


@pytest.fixture
def key_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let accounts be approved as key accounts."""
    monkeypatch.setattr(documents, "_documents", dict(documents._documents))
    monkeypatch.setattr(purposes, "_purposes", dict(purposes._purposes))
    bodies.document(
        key=POLICY,
        title="Approval of key accounts",
        record_type="accounts.account",
        approvals=RULES,
        source="The tests",
    )
    purposes.register(PURPOSE)


def submit(by: User, account: Account) -> ApprovalRequest:
    """Ask that an account be approved as it is."""
    with audit.change(by=by, action="test.submit"):
        return approvals.submit(account, KEY, by)


def resize(by: User, account: Account, employees: int) -> None:
    """Change how many employees an account has, as a form does."""
    edit_account(by=by, pk=account.pk, changes={"employees": str(employees)})
