"""The deal desk request: what a rep asks of the deal desk, and why. Source: M8, "deal-desk request"."""

from opportunities import facts  # noqa: F401 - the form reads them
from revops.kernel import sla
from revops.kernel.packets import templates, timing

DEAL_DESK = "opportunities.deal_desk_request"
ANSWER, GAPS = "opportunities.deal_desk_answer", "opportunities.deal_desk_gaps"

timing.receiver_clock(
    key=ANSWER,
    title="Answer of the deal desk",
    target=sla.length(2, "business_days"),
    source="M8: deal-desk request; addenda, high_risk_review: 2 business days",
)
timing.sender_clock(
    key=GAPS,
    title="Gaps of a deal desk request",
    target=sla.length(2, "business_days"),
    source="Own default: as long as the deal desk has",
)

_OFF_STANDARD = {"any": [
    {"all": [{"f": "packet.discount", "op": "not_null"}, {"f": "packet.discount", "op": "gte", "v": "20"}]},
    {"f": "packet.asks_for", "op": "in", "v": ["discount", "non_standard_terms"]},
]}  # fmt: skip

templates.document(
    key=DEAL_DESK,
    title="Deal desk request",
    record_type="opportunities.opportunity",
    accepted_by=("DEAL_DESK",),
    accept_sla=ANSWER,
    return_sla=GAPS,
    source="M8: deal-desk request; two business days, shipped",
    help="What a deal needs beyond the standard: asked once, in full, with the facts of the deal beside it.",
    return_reasons={
        "not_said": "It does not say what is asked",
        "no_reason": "The reason does not carry the request",
        "wrong_figure": "The figure does not fit the deal",
        "needs_evidence": "It needs evidence",
        "not_ours": "This is not the deal desk's to decide",
    },
    fields=(
        {
            "key": "asks_for",
            "type": "choice",
            "label": "What is asked",
            "required": True,
            "choices": [
                {"code": "discount", "label": "A discount"},
                {"code": "payment_terms", "label": "Other payment terms"},
                {"code": "non_standard_terms", "label": "Non-standard contract terms"},
                {"code": "structure", "label": "Help with the structure of the deal"},
            ],
        },
        {
            "key": "why",
            "type": "long_text",
            "label": "Why",
            "required": True,
            "help": "What the buyer gains by it, what we get in return, and what happens without it.",
        },
        {"key": "stage", "type": "text", "label": "Stage", "source_path": "opportunity.stage"},
        {
            "key": "amount",
            "type": "money",
            "label": "Amount",
            "required": True,
            "source_path": "opportunity.amount",
        },
        {"key": "currency", "type": "text", "label": "Currency", "source_path": "opportunity.currency"},
        {
            "key": "close_date",
            "type": "date",
            "label": "Close date",
            "required": True,
            "source_path": "opportunity.close_date",
        },
        {
            "key": "discount",
            "type": "percent",
            "label": "Discount asked, per cent",
            "required_when": {"f": "packet.asks_for", "op": "eq", "v": "discount"},
        },
        {"key": "term_months", "type": "integer", "label": "Term in months", "required": True},
        {
            "key": "payment_terms",
            "type": "choice",
            "label": "Payment terms",
            "required": True,
            "choices": [
                {"code": "net_30", "label": "Net 30 (standard)"},
                {"code": "net_45", "label": "Net 45"},
                {"code": "net_60", "label": "Net 60"},
                {"code": "other", "label": "Other, as the reason says"},
            ],
        },
        {
            "key": "competitor_pressure",
            "type": "long_text",
            "label": "Competitor pressure",
            "help": "Who else is in the deal, and what they offer.",
            "required_when": _OFF_STANDARD,
        },
        {
            "key": "proof",
            "type": "text",
            "label": "What shows it",
            "evidence_kind": "link",
            "help": "The address of the buyer's mail or of the competing offer.",
            "required_when": {
                "all": [
                    {"f": "packet.discount", "op": "not_null"},
                    {"f": "packet.discount", "op": "gt", "v": "30"},
                ]
            },
        },
        {"key": "needed_by", "type": "date", "label": "Needed by", "required": True},
    ),
)
