"""Policy documents of deals: stages with what they allow, fields they need, what must hold to leave a stage."""

from opportunities.policies.categories import CATEGORIES
from opportunities.policies.exit_criteria import EXIT_CRITERIA
from opportunities.policies.required import REQUIRED
from opportunities.policies.stages import STAGES, Stages, StageSetting, stages

__all__ = ["CATEGORIES", "EXIT_CRITERIA", "REQUIRED", "STAGES", "StageSetting", "Stages", "stages"]
