"""What rules may ask about what a deal can show: evidence, MEDDICC, plans, reviews."""

from typing import Any

from django.db.models import Count, DateField, IntegerField, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from opportunities.enums import Element, EvidenceKind, EvidenceState, PlanKind, ReviewKind, ReviewState
from opportunities.models import DealReviewStatus, Meddicc, StageEvidence
from revops.kernel.packets.enums import ObligationKind, ObligationState
from revops.kernel.packets.models import Obligation
from revops.kernel.policies.facts import Fact
from revops.kernel.policies.kinds import FactKind

LABEL = "opportunities.opportunity"
_ACCEPTED = (EvidenceState.SUBMITTED, EvidenceState.VERIFIED)
# What a milestone of a plan says of itself (`Obligation.source_ref`).
PLAN = "plan:"


def _shown(kind: str, *states: str) -> Subquery:
    """Return when the buyer last said what evidence of this kind shows; null without any in one of the states."""
    rows = StageEvidence.objects.filter(
        opportunity=OuterRef("pk"), kind=kind, state__in=states, stated_by__isnull=False
    )
    return Subquery(rows.order_by("-occurred_at").values("occurred_at")[:1])


def _element(element: str, column: str) -> Subquery:
    """Return a column of one element of MEDDICC; null where nobody has said anything about it."""
    rows = Meddicc.objects.filter(opportunity=OuterRef("pk"), element=element)
    return Subquery(rows.values(column)[:1])


def milestones(plan: str) -> Any:
    """Return the milestones of one plan of a deal that were not given up."""
    return Obligation.objects.filter(
        ~Q(state=ObligationState.CANCELLED),
        subject_type=LABEL,
        kind=ObligationKind.MILESTONE,
        source_ref=f"{PLAN}{plan}",
    )


def _ends(plan: str) -> Subquery:
    """Return the day of the last milestone of a plan of the deal; null without one."""
    rows = milestones(plan).filter(subject_id=OuterRef("pk")).order_by().values("subject_id")
    return Subquery(rows.annotate(last=Max("due_on")).values("last"), output_field=DateField())


def _steps(plan: str, *wanted: Q) -> Coalesce:
    """Return how many milestones a plan of the deal has."""
    rows = milestones(plan).filter(*wanted, subject_id=OuterRef("pk")).order_by().values("subject_id")
    counted = rows.annotate(many=Count("pk")).values("many")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _reviews(*states: str, kinds: tuple[str, ...] = tuple(ReviewKind.values)) -> Coalesce:
    """Return how many reviews of the deal are in one of these states."""
    rows = DealReviewStatus.objects.filter(opportunity=OuterRef("pk"), state__in=states, kind__in=kinds)
    counted = rows.order_by().values("opportunity").annotate(many=Count("pk")).values("many")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


_STARTED = (ReviewState.IN_REVIEW, ReviewState.BLOCKED, ReviewState.APPROVED)

FACTS = (
    *(
        Fact(
            f"opportunity.{kind}_at",
            f"{kind.label}, last said",
            FactKind.INSTANT,
            column=_shown(kind, *_ACCEPTED),
            help="When somebody of the buyer's last said it; rejected evidence does not count.",
        )
        for kind in EvidenceKind
    ),
    Fact(
        "opportunity.problem_confirmed_at",
        "The buyer's problem, confirmed",
        FactKind.INSTANT,
        column=_shown(EvidenceKind.PROBLEM_STATEMENT, EvidenceState.VERIFIED),
        help="When it was said; a manager has verified it.",
    ),
    *(
        Fact(
            f"opportunity.meddicc_{element}",
            f"MEDDICC {element.label.lower()}",
            FactKind.INTEGER,
            column=_element(element, "score"),
            help="0 unknown, 1 claimed, 2 evidenced.",
        )
        for element in Element
    ),
    *(
        Fact(
            f"opportunity.meddicc_{element}_at",
            f"Evidence of {element.label.lower()}",
            FactKind.INSTANT,
            column=_element(element, "evidence__occurred_at"),
            help="When the buyer said what the score rests on.",
        )
        for element in Element
    ),
    Fact(
        "opportunity.decision_on",
        "Day of the decision",
        FactKind.DATE,
        column=_element(Element.DECISION_PROCESS, "on"),
    ),
    Fact(
        "opportunity.risk_mitigation",
        "Mitigation of the biggest risk",
        FactKind.REFERENCE,
        column=_element(Element.RISKS, "mitigation_id"),
    ),
    Fact(
        "opportunity.evaluation_ends_on",
        "End of the evaluation plan",
        FactKind.DATE,
        column=_ends(PlanKind.EVALUATION),
    ),
    Fact("opportunity.paper_steps", "Steps to signature", FactKind.INTEGER, column=_steps(PlanKind.PAPER)),
    Fact(
        "opportunity.paper_steps_undated",
        "Steps to signature without a date",
        FactKind.INTEGER,
        column=_steps(PlanKind.PAPER, Q(due_on__isnull=True)),
    ),
    Fact(
        "opportunity.paper_ends_on",
        "Last step to signature",
        FactKind.DATE,
        column=_ends(PlanKind.PAPER),
    ),
    Fact(
        "opportunity.reviews_blocked",
        "Reviews that block",
        FactKind.INTEGER,
        column=_reviews(ReviewState.BLOCKED),
    ),
    Fact(
        "opportunity.security_review_started",
        "Security reviews begun",
        FactKind.INTEGER,
        column=_reviews(*_STARTED, kinds=(ReviewKind.SECURITY,)),
    ),
)
