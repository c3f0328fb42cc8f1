"""Deals and what belongs to them."""

from opportunities.models.evidence import DealReviewStatus, Meddicc, StageEvidence
from opportunities.models.forecast import CategoryChange, SlipEvent
from opportunities.models.inspections import InspectionRecord, PipelineReview, PipelineRun
from opportunities.models.lists import Reason, UseCase
from opportunities.models.opportunity import Opportunity
from opportunities.models.parts import (
    LeadConversion,
    NameHistory,
    OppContactRole,
    OpportunityActivity,
    StageInterval,
)
from opportunities.models.silence import IdleStep, StageBaseline

__all__ = [
    "CategoryChange",
    "DealReviewStatus",
    "IdleStep",
    "InspectionRecord",
    "LeadConversion",
    "Meddicc",
    "NameHistory",
    "OppContactRole",
    "Opportunity",
    "OpportunityActivity",
    "PipelineReview",
    "PipelineRun",
    "Reason",
    "SlipEvent",
    "StageBaseline",
    "StageEvidence",
    "StageInterval",
    "UseCase",
]
