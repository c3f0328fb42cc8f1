"""Controlled lists of the opportunity records. Source: d2, mappings."""

from django.db import models


class OpportunityType(models.TextChoices):
    NEW = "new", "New business"
    EXPANSION = "expansion", "Expansion"
    RENEWAL = "renewal", "Renewal"
    AMENDMENT = "amendment", "Amendment"


class Stage(models.TextChoices):
    """The shipped stages, in their order; the last two are closed."""

    QUALIFICATION = "qualification", "Qualification"
    DISCOVERY = "discovery", "Discovery"
    EVALUATION = "evaluation", "Evaluation"
    PROPOSAL = "proposal", "Proposal"
    CONTRACTING = "contracting", "Contracting"
    CLOSED_WON = "closed_won", "Closed won"
    CLOSED_LOST = "closed_lost", "Closed lost"


CLOSED = (Stage.CLOSED_WON, Stage.CLOSED_LOST)
OPEN = tuple(stage for stage in Stage if stage not in CLOSED)


class ForecastCategory(models.TextChoices):
    OMITTED = "omitted", "Omitted"
    PIPELINE = "pipeline", "Pipeline"
    BEST_CASE = "best_case", "Best case"
    UPSIDE = "upside", "Upside"
    COMMIT = "commit", "Commit"
    CLOSED = "closed", "Closed"


# What an open deal may be forecast as, from the least to the most.
FORECAST_ORDER = (
    ForecastCategory.PIPELINE,
    ForecastCategory.BEST_CASE,
    ForecastCategory.UPSIDE,
    ForecastCategory.COMMIT,
)


class AmountBasis(models.TextChoices):
    ARR = "ARR", "Annual recurring revenue"
    ACV = "ACV", "Annual contract value"
    TCV = "TCV", "Total contract value"


class Geo(models.TextChoices):
    NA = "NA", "North America"
    LATAM = "LATAM", "Latin America"
    EMEA = "EMEA", "Europe, Middle East and Africa"
    APAC = "APAC", "Asia-Pacific"


class LostSource(models.TextChoices):
    BUYER_DECLINED = "buyer_declined", "The buyer declined"
    TIMED_OUT_POLICY = "timed_out_policy", "Timed out by policy"


class BuyingRole(models.TextChoices):
    """What a contact is in a deal; "other" keeps the label it came with."""

    ECONOMIC_BUYER = "economic_buyer", "Economic buyer"
    CHAMPION = "champion", "Champion"
    DECISION_MAKER = "decision_maker", "Decision maker"
    TECHNICAL = "technical", "Technical buyer"
    SECURITY = "security", "Security"
    LEGAL = "legal", "Legal"
    PROCUREMENT = "procurement", "Procurement"
    USER = "user", "User"
    BLOCKER = "blocker", "Blocker"
    COACH = "coach", "Coach"
    OTHER = "other", "Other"


class Via(models.TextChoices):
    """How a deal came into a stage."""

    CREATED = "created", "Created"
    MOVED = "moved", "Moved by hand"
    REGRESSED = "regressed", "Moved back"
    WON = "won", "Won"
    LOST = "lost", "Lost"
    REOPENED = "reopened", "Reopened"
    IMPORTED = "imported", "Imported"


class ReasonKind(models.TextChoices):
    """What a governed reason explains."""

    ADVANCE = "advance", "Advance"
    STALL = "stall", "Stall"
    LOSS = "loss", "Loss"
    REGRESS = "regress", "Move back"
    REOPEN = "reopen", "Reopening"
    SLIP = "slip", "Slip into a later quarter"
    PUSH = "push", "Push within the quarter"


class NameSource(models.TextChoices):
    COMPUTED = "computed", "Computed here"
    IMPORTED = "imported", "Name in the other system"


class EvidenceKind(models.TextChoices):
    """What a piece of evidence shows."""

    NEED_STATEMENT = "need_statement", "The buyer's need"
    PROBLEM_STATEMENT = "problem_statement", "The buyer's problem"
    METRICS = "metrics", "What it is worth to the buyer"
    ECONOMIC_BUYER = "economic_buyer", "The economic buyer's say"
    DECISION_CRITERIA = "decision_criteria", "Decision criteria"
    DECISION_PROCESS = "decision_process", "Decision process"
    PAPER_PROCESS = "paper_process", "Way to signature"
    CHAMPION = "champion", "A champion's deed"
    COMPETITION = "competition", "Competition"
    RISK = "risk", "A risk"


class EvidenceState(models.TextChoices):
    SUBMITTED = "submitted", "Submitted"
    VERIFIED = "verified", "Verified"
    REJECTED = "rejected", "Rejected"


class Element(models.TextChoices):
    """The elements of MEDDICC, with the paper process, and the risks that go with it."""

    METRICS = "metrics", "Metrics"
    ECONOMIC_BUYER = "economic_buyer", "Economic buyer"
    DECISION_CRITERIA = "decision_criteria", "Decision criteria"
    DECISION_PROCESS = "decision_process", "Decision process"
    PAPER_PROCESS = "paper_process", "Paper process"
    PAIN = "pain", "Identified pain"
    CHAMPION = "champion", "Champion"
    COMPETITION = "competition", "Competition"
    RISKS = "risks", "Risks"


class Score(models.IntegerChoices):
    """How well an element is known: evidence is a statement or a document of the buyer's, never a tick."""

    UNKNOWN = 0, "Unknown"
    CLAIMED = 1, "Claimed"
    EVIDENCED = 2, "Evidenced"


class ReviewKind(models.TextChoices):
    LEGAL = "legal", "Legal"
    SECURITY = "security", "Security"
    PROCUREMENT = "procurement", "Procurement"


class ReviewState(models.TextChoices):
    NOT_STARTED = "not_started", "Not started"
    IN_REVIEW = "in_review", "In review"
    BLOCKED = "blocked", "Blocked"
    APPROVED = "approved", "Approved"


class StepKind(models.TextChoices):
    """What a next step is."""

    STEP = "step", "Step"
    MEETING = "meeting", "Meeting"
    SIGNATURE = "signature", "Signature"


class PlanKind(models.TextChoices):
    """Which plan of a deal a milestone belongs to."""

    EVALUATION = "evaluation", "Evaluation plan"
    PAPER = "paper", "Way to signature"


class DelayKind(models.TextChoices):
    """A later close date: inside its forecast period, or out of it."""

    PUSH = "push", "Push within the quarter"
    SLIP = "slip", "Slip into a later quarter"


class CategoryWhy(models.TextChoices):
    """Why the forecast category of a deal changed."""

    SET = "set", "Set by hand"
    EVIDENCE = "evidence", "Its evidence does not carry more"
    STAGE = "stage", "Its stage allows no more"
    SLIPPED = "slipped", "Its close date slipped"
    STALE = "stale", "The buyer has been silent"
    EXCEPTION = "exception", "An exception is over"
    INSPECTION = "inspection", "An inspection found it wanting"
    CLOSED = "closed", "Closed or reopened"


class SweepStep(models.TextChoices):
    """What is done about a deal whose buyer is silent, in order."""

    NUDGE = "nudge", "Owner nudged"
    ESCALATE = "escalate", "Escalated to the manager"
    NOTICE = "notice", "Final notice"
    CLOSE = "close", "Closed for want of a decision"


class InspectionOutcome(models.TextChoices):
    KEEP = "keep", "Keep"
    DOWNGRADE = "downgrade", "Downgrade"
    REMOVE = "remove", "Take out of the forecast"
    ESCALATE = "escalate", "Escalate"
