"""Policy documents of the accounts domain. Shipped defaults; the policy mechanism will own their versions."""

from accounts import facts  # noqa: F401 - the conditions below are read against them
from accounts.enums import Segment
from revops.kernel.policies import required

# DEF-1: ENT from 1,000 employees, MM from 100; STRAT is only ever set by hand.
SEGMENT_FLOORS = ((1_000, Segment.ENT), (100, Segment.MM), (0, Segment.SMB))

_CUSTOMER = {"f": "account.status", "op": "eq", "v": "customer"}

REQUIRED = required.document(
    key="accounts.required_fields",
    title="Required fields of accounts",
    record_type="accounts.account",
    source="Data dictionary, Account: R@customer, R@routing",
    fields=(
        {"field": "account.legal_name", "when": _CUSTOMER, "code": "ACC-006"},
        {"field": "account.billing_account_ext", "when": _CUSTOMER, "code": "ACC-006"},
        {"field": "account.clm_party_ext", "when": _CUSTOMER, "mode": "observe", "code": "ACC-016"},
        {"field": "account.country", "mode": "observe", "code": "ACC-017"},
        {"field": "account.territory", "mode": "observe", "code": "ACC-018"},
    ),
)


def segment_for(employees: int | None) -> Segment:
    """Return the segment of a company by its number of employees; SMB while the number is unknown."""
    return next(segment for floor, segment in SEGMENT_FLOORS if (employees or 0) >= floor)
