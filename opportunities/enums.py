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

    LOSS = "loss", "Loss"
    REGRESS = "regress", "Move back"
    REOPEN = "reopen", "Reopening"
    SLIP = "slip", "Later close date"


class NameSource(models.TextChoices):
    COMPUTED = "computed", "Computed here"
    IMPORTED = "imported", "Name in the other system"
