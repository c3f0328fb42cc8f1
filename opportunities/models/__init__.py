"""Deals and what belongs to them."""

from opportunities.models.lists import Reason, UseCase
from opportunities.models.opportunity import Opportunity
from opportunities.models.parts import (
    LeadConversion,
    NameHistory,
    OppContactRole,
    OpportunityActivity,
    StageInterval,
)

__all__ = [
    "LeadConversion",
    "NameHistory",
    "OppContactRole",
    "Opportunity",
    "OpportunityActivity",
    "Reason",
    "StageInterval",
    "UseCase",
]
