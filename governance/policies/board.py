"""Who decides about requests for change. Source: addenda (change board), d1."""

from typing import Any

from revops.kernel.approvals import bodies

RFC = "governance.changerequest"
BOARD = "governance.change_board"
RATIFICATION = "governance.ratification"

_SALES = [{"role": "VP_SALES"}, {"role": "DIRECTOR"}, {"role": "SALES_MGR"}]
_EMERGENCY = {"f": "rfc.urgency", "op": "eq", "v": "emergency"}


def _owner(key: str, title: str, fact: str, approvers: list[dict[str, str]], calm: bool) -> dict[str, Any]:
    """Return the rule that asks the owner of what is touched; with `calm` in no emergency."""
    touched: dict[str, Any] = {"f": fact, "op": "eq", "v": True}
    when = {"all": [touched, {"not": _EMERGENCY}]} if calm else touched
    return {"key": key, "title": title, "when": when, "level": 1, "approvers": approvers}


def _board(*, calm: bool) -> tuple[dict[str, Any], ...]:
    revops: dict[str, Any] = {"key": "revops", "title": "Revenue operations", "level": 1}
    revops |= {"approvers": [{"role": "REVOPS"}]} | ({"when": {"not": _EMERGENCY}} if calm else {})
    return (
        revops,
        _owner("sales", "Owner of sales records", "rfc.touches_sales", _SALES, calm),
        _owner(
            "marketing", "Owner of marketing records", "rfc.touches_marketing", [{"role": "MKT_OPS"}], calm
        ),
        _owner("finance", "Money and terms", "rfc.touches_money", [{"role": "FINANCE"}], calm),
    )


CHANGE_BOARD = bodies.document(
    key=BOARD,
    title="Change board",
    record_type=RFC,
    approvals=(
        *_board(calm=True),
        {
            "key": "emergency",
            "title": "One of the board, at once",
            "when": _EMERGENCY,
            "level": 1,
            "approvers": [{"role": "REVOPS"}, {"role": "FINANCE"}, {"role": "VP_SALES"}, {"role": "MKT_OPS"}],
        },
    ),
    valid_days=30,
    source="addenda, Governance: REVOPS + object owner + FINANCE; d1: an emergency has one approver",
    help="Who approves a request for change. Whoever asks for it never does.",
)
WHOLE_BOARD = bodies.document(
    key=RATIFICATION,
    title="Ratification of emergencies",
    record_type=RFC,
    approvals=_board(calm=False),
    source="d1: the whole board looks at an emergency afterwards",
    help="Who ratifies a change that went live in an emergency.",
)
