"""How long decisions may take: about requests for change, their ratification, and in the council. Source: DEF-9."""

from revops.kernel import sla

RFC, ITEM = "governance.changerequest", "governance.decisionitem"
DECISION = "governance.rfc_decision"
RATIFY = "governance.rfc_ratification"
COUNCIL = "governance.council_decision"

DECISION_CLOCK = sla.document(
    key=DECISION,
    title="Decision about a request for change",
    record_type=RFC,
    target=sla.length(5, "business_days"),
    targets=[
        {
            "when": {"f": "rfc.urgency", "op": "in", "v": ["urgent", "emergency"]},
            "target": sla.length(1, "business_days"),
        }
    ],
    stop_on=("rfc.decided",),
    cancel_on=("rfc.reopened",),
    source="DEF-9: RFC 5/1 business days",
    help="How long the change board may take. Past it the council is told.",
)
RATIFICATION_CLOCK = sla.document(
    key=RATIFY,
    title="Ratification of an emergency change",
    record_type=RFC,
    target=sla.length(1, "business_days"),
    stop_on=("rfc.ratified",),
    source="d1: full review of an emergency; one business day",
    help="How long the board may take to ratify an emergency. Past it the change is to be rolled back.",
)
COUNCIL_CLOCK = sla.document(
    key=COUNCIL,
    title="Decision of the council",
    record_type=ITEM,
    target=sla.length(10, "business_days"),
    targets=[
        {"when": {"f": "item.urgency", "op": "eq", "v": "urgent"}, "target": sla.length(2, "business_days")}
    ],
    stop_on=("council.decided",),
    cancel_on=("council.withdrawn",),
    source="DEF-9: council standard 10 business days, urgent 2",
    help="How long the council may take. Without a quorum there is no decision, and it runs on.",
)
