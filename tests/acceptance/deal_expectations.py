"""Who sees and writes which deals, written down from spec/access.md and its addenda, and from nothing in the product.

Positions: `own` theirs · `held` Charlie's, which they hold as success manager · `mate` of their team · `report` of
somebody who reports to them, on another team · `other` of another team · `queue` in that team's queue.
"""

from collections.abc import Mapping
from typing import NamedTuple

POSITIONS = ("own", "held", "mate", "report", "other", "queue")
REACH: dict[str, set[str]] = {
    "-": set(),
    "O": {"own", "held"},
    "T": {"own", "held", "mate"},
    "S": {"own", "held", "report"},
    "A": set(POSITIONS),
}

NEXT_STEP = {"next_step", "next_step_on", "next_step_kind", "next_step_side", "next_step_contact"}
EDITED = {
    "primary_product",
    "use_case",
    "source_note",
    "campaign",
    "forecast_category",
    "amount",
    "currency",
    "amount_basis",
    "close_date",
    "start_date",
    "stage",
    "source",
    "slip_reason",
    "stage_reason",
    *NEXT_STEP,
    "competitor",
    "description",
}
NEW = EDITED - {"slip_reason", "stage", "stage_reason"} | {"account", "type", "primary_contact"}
TECHNICAL = {"technical_note"}
CATEGORY = {"forecast_category", "stage", "stage_reason"} | NEXT_STEP
NEVER_EDITED = {
    "name",
    "account",
    "type",
    "segment",
    "territory",
    "geo",
    "stage_since",
    "probability",
    "push_count",
    "booked_at",
    "closed_at",
    "loss_reason",
    "loss_note",
    "lost_source",
    "last_buyer_contact_on",
    "opened_at",
    "last_buyer_activity_at",
    "owner",
    "queue",
    "team",
    "created_at",
    "updated_at",
    "tombstone_of",
    "primary_contact",
    "imported_name",
    "is_won",
    "is_closed",
}


class Row(NamedTuple):
    """One role and deals: view, fields of a new one, edit scope and fields, the scope of each special action."""

    view: str
    create: set[str] = set()
    edit: str = "-"
    fields: set[str] = set()
    actions: Mapping[str, str] = {}


_OWNER = dict.fromkeys(("transition", "contact_roles", "qualify", "next_step"), "O")
_SUCCESS = Row("O", NEW, "O", EDITED, _OWNER)
_MANAGER = Row(
    "S",
    edit="S",
    fields=CATEGORY,
    actions=dict.fromkeys(
        (
            "transition",
            "qualify",
            "next_step",
            "verify",
            "reopen_late",
            "reassign",
            "inspect",
            "excuse",
        ),
        "S",
    ),
)
_READER = Row("A")

DEALS: dict[str, Row] = {
    "SDR": Row("O"),
    "AE": Row("T", NEW, "O", EDITED | TECHNICAL, {**_OWNER, "open_new_business": "O"}),
    "SE": Row("O", edit="O", fields=TECHNICAL, actions={"qualify": "O"}),
    "CSM": _SUCCESS,
    "RENEWALS": _SUCCESS,
    "AM": _SUCCESS,
    "CS_LEAD": _MANAGER,
    "SALES_MGR": _MANAGER,
    "DIRECTOR": _MANAGER,
    "VP_SALES": _MANAGER,
    "SALES_OPS": Row("A", actions={"reassign": "A", "import": "A"}),
    "REVOPS": Row("A", actions={"reassign": "A", "import": "A", "excuse": "A"}),
    "MKT_OPS": _READER,
    # With a quote or a contract, once there are such; until then they see none.
    "FINANCE": Row("-", actions={"reopen_won": "A"}),
    "LEGAL": Row("-"),
    "DEAL_DESK": Row("A", actions={"high_risk_review": "A"}),
    "EXEC": _READER,
    "CRO": _READER,
    "CFO": _READER,
    "COUNCIL": _READER,
    "AUDITOR": _READER,
    "ADMIN": _READER,
    "PARTNER": Row("-"),
    "PARTNER_MGR": Row("-"),
    "ENABLEMENT": _READER,
    "PRIVACY": Row("-"),
    "PRODUCT": Row("-"),
    "SECURITY": Row("-"),
}
ACTIONS = (
    "transition",
    "contact_roles",
    "qualify",
    "next_step",
    "verify",
    "open_new_business",
    "reopen_late",
    "reopen_won",
    "reassign",
    "inspect",
    "excuse",
    "import",
    "high_risk_review",
)
