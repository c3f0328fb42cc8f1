"""The exit criteria that are shipped, gate by gate. Source: exit-criteria, d2.

Every criterion of the source stands here. Where its evidence is kept by a part that does not exist yet, its rule is
unknown for every deal and it observes; `note` says which part will measure it. Segments are conditions of criteria,
so that one version tells the whole table; a version for one segment alone may still be put in force by its scope.
"""

from collections.abc import Mapping
from typing import Any

from opportunities.enums import Stage

WIN, LOSE = "win", "lose"
_LARGE = {"f": "opportunity.segment", "op": "in", "v": ["ENT", "STRAT"]}
_SMALL = {"f": "opportunity.segment", "op": "eq", "v": "SMB"}
_NOT_SMALL = {"f": "opportunity.segment", "op": "ne", "v": "SMB"}
_UNMEASURED: dict[str, Any] = {"const": None}
# How old what the buyer has said may be (c-defaults, evidence.max_age).
_FRESH = "P90D"


def _is_set(name: str) -> dict[str, Any]:
    return {"f": f"opportunity.{name}", "op": "not_null"}


def _criterion(
    gate: str, key: str, title: str, rule: Mapping[str, Any], supplied_by: str = "", **more: Any
) -> dict[str, Any]:
    held = {"gate": str(gate), "key": key, "title": title, "rule": dict(rule), "supplied_by": supplied_by}
    return {name: value for name, value in (held | more).items() if value != ""}


def _recent(name: str) -> dict[str, Any]:
    return {"f": f"opportunity.{name}_at", "op": "within", "v": _FRESH}


def _scored(element: str, least: int) -> dict[str, Any]:
    """Return the condition that an element of MEDDICC has a score; a 2 rests on what the buyer said not long ago."""
    score = {"f": f"opportunity.meddicc_{element}", "op": "gte", "v": least}
    return {"all": [score, _recent(f"meddicc_{element}")]} if least == 2 else score


def _warning(criterion: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a criterion twice: it holds back, and for the smallest segment it only warns."""
    title = f"{criterion['title']} (SMB)"
    small = {"key": f"{criterion['key']}_smb", "title": title, "when": _SMALL, "mode": "warn"}
    return dict(criterion) | {"when": _NOT_SMALL}, dict(criterion) | small


def _later(gate: str, key: str, title: str, note: str, **more: Any) -> dict[str, Any]:
    """Return a criterion that nothing measures yet: it observes, and says what it waits for."""
    return _criterion(gate, key, title, _UNMEASURED, mode="observe", note=note, **more)


_QUALIFICATION = (
    _criterion(
        Stage.QUALIFICATION,
        "need_stated",
        "The buyer has stated the need",
        _recent("need_statement"),
        "need_statement",
        note="Add what they said, who said it, and where it can be looked up.",
    ),
    _criterion(
        Stage.QUALIFICATION,
        "contact_with_role",
        "A contact with a role",
        _is_set("contact_with_role"),
        "contact_role",
        note="Say who the buyer is, and in which role.",
    ),
    _criterion(
        Stage.QUALIFICATION,
        "lifecycle_fields",
        "Source and segment",
        {"all": [_is_set("source"), _is_set("segment")]},
        "source",
    ),
    _criterion(
        Stage.QUALIFICATION, "territory_set", "A territory", _is_set("territory"), "territory", mode="observe"
    ),
    _later(
        Stage.QUALIFICATION,
        "icp_not_d",
        "A customer that fits (ICP grade A to C)",
        "Not measured yet: accounts have no grade yet.",
    ),
)
_DISCOVERY = (
    _criterion(
        Stage.DISCOVERY,
        "problem_confirmed",
        "The buyer has confirmed the problem",
        _recent("problem_confirmed"),
        "problem_statement",
        note="It counts once a manager has verified it.",
    ),
    _criterion(
        Stage.DISCOVERY,
        "budget_owner",
        "An economic buyer",
        _is_set("economic_buyer"),
        "economic_buyer",
        note="Say who owns the budget.",
    ),
    *_warning(
        _criterion(
            Stage.DISCOVERY,
            "metrics_hypothesis",
            "A hypothesis of what it is worth",
            _scored("metrics", 1),
            "meddicc_metrics",
        )
    ),
    _criterion(
        Stage.DISCOVERY,
        "next_buyer_meeting",
        "A next meeting that the buyer agreed to",
        {
            "any": [
                {
                    "all": [
                        {"f": "opportunity.next_step_side", "op": "eq", "v": "buyer"},
                        {"f": "opportunity.next_step_on", "op": "gte", "v": {"now": "P0D"}},
                    ]
                },
                {"f": "opportunity.accepted_meeting_at", "op": "after", "v": {"now": "P0D"}},
            ]
        },
        "buyer_step",
        note="A dated next step that is the buyer's move, or a planned meeting that they accepted.",
    ),
)
_EVALUATION = (
    _criterion(
        Stage.EVALUATION,
        "decision_criteria",
        "Decision criteria in writing",
        _scored("decision_criteria", 2),
        "meddicc_decision_criteria",
    ),
    _criterion(
        Stage.EVALUATION,
        "champion_tested",
        "A champion who was tested",
        _scored("champion", 2),
        "meddicc_champion",
        when=_NOT_SMALL,
    ),
    _criterion(
        Stage.EVALUATION,
        "champion_named",
        "A champion",
        _scored("champion", 1),
        "meddicc_champion",
        when=_SMALL,
    ),
    *_warning(
        _criterion(
            Stage.EVALUATION,
            "evaluation_plan",
            "An evaluation plan with its end",
            _is_set("evaluation_ends_on"),
            "evaluation_plan",
        )
    ),
    _later(
        Stage.EVALUATION,
        "se_accepted",
        "Accepted by a solutions engineer",
        "Not measured yet: there is no hand-over to solutions engineers yet.",
    ),
    _criterion(
        Stage.EVALUATION,
        "three_contact_roles",
        "Three contacts with a role",
        {"f": "opportunity.contacts_with_role", "op": "gte", "v": 3},
        "contact_role",
        when=_LARGE,
        note="A large deal is not carried by one person.",
    ),
    _criterion(
        Stage.EVALUATION,
        "paper_process_known",
        "The way to signature is known",
        _scored("paper_process", 1),
        "meddicc_paper_process",
        when=_LARGE,
    ),
)
_PROPOSAL = (
    _criterion(
        Stage.PROPOSAL,
        "economic_buyer_met",
        "The economic buyer was met within 30 days",
        {"f": "opportunity.economic_buyer_met_at", "op": "within", "v": "P30D"},
        "meeting",
    ),
    *_warning(
        _criterion(
            Stage.PROPOSAL,
            "decision_process",
            "The decision process, with its date",
            {"all": [_scored("decision_process", 2), _is_set("decision_on")]},
            "meddicc_decision_process",
        )
    ),
    _criterion(
        Stage.PROPOSAL,
        "competition_known",
        "The competition is known",
        _scored("competition", 1),
        "meddicc_competition",
    ),
    _later(
        Stage.PROPOSAL,
        "quote_approved",
        "A quote, issued and approved",
        "Not measured yet: there are no quotes yet.",
    ),
    _criterion(
        Stage.PROPOSAL,
        "security_review_started",
        "The security review has started",
        {"f": "opportunity.security_review_started", "op": "gte", "v": 1},
        "security_review",
        when=_LARGE,
    ),
)
_CONTRACTING = (
    _criterion(
        Stage.CONTRACTING,
        "paper_process",
        "Every step to signature with owner and date",
        {
            "all": [
                _scored("paper_process", 2),
                {"f": "opportunity.paper_steps", "op": "gte", "v": 1},
                {"f": "opportunity.paper_steps_undated", "op": "eq", "v": 0},
            ]
        },
        "paper_plan",
    ),
    _criterion(
        Stage.CONTRACTING,
        "reviews_clear",
        "No review stands in the way",
        {"f": "opportunity.reviews_blocked", "op": "eq", "v": 0},
        "reviews",
    ),
    _criterion(
        Stage.CONTRACTING,
        "signature_date",
        "A date of signature that the buyer agreed to",
        {
            "all": [
                {"f": "opportunity.next_step_kind", "op": "eq", "v": "signature"},
                _is_set("next_step_on"),
                _is_set("next_step_contact"),
            ]
        },
        "signature_step",
        note="A next step of kind “signature”, with its day and who agreed to it.",
    ),
)
_WIN = (
    _criterion(
        WIN,
        "start_date",
        "Start date",
        _is_set("start_date"),
        "start_date",
        note="Say when what was sold begins.",
    ),
    _later(
        WIN,
        "signed_order_form",
        "A signed order form",
        "Not measured yet: there are no order forms yet.",
    ),
    _later(
        WIN,
        "billing_ready_sku",
        "Everything sold can be billed",
        "Not measured yet: there are no quotes yet.",
    ),
    _later(
        WIN,
        "cs_packet",
        "Handed over to customer success",
        "Not measured yet: there is no hand-over to customer success yet.",
    ),
)
_LOSE = (
    _criterion(LOSE, "loss_reason", "Why it was lost", _is_set("loss_reason"), "reason_code"),
    _criterion(
        LOSE,
        "competitor",
        "Competitor",
        _is_set("competitor"),
        "competitor",
        note="Say “none” where nobody else was there, “no decision” where the buyer chose nobody.",
    ),
    _criterion(
        LOSE,
        "last_buyer_contact",
        "Last contact with the buyer",
        {
            "any": [
                _is_set("last_buyer_contact_on"),
                _is_set("last_buyer_activity_at"),
                {"f": "opportunity.lost_source", "op": "eq", "v": "timed_out_policy"},
            ]
        },
        "last_buyer_contact_on",
        note="A known activity with the buyer does, else the day.",
    ),
)

CRITERIA = (*_QUALIFICATION, *_DISCOVERY, *_EVALUATION, *_PROPOSAL, *_CONTRACTING, *_WIN, *_LOSE)
