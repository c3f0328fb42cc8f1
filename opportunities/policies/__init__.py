"""Policy documents of the opportunities domain: the stages with what they allow, and the fields deals need."""

from opportunities.policies.required import REQUIRED
from opportunities.policies.stages import STAGES, Stages, StageSetting, stages

__all__ = ["REQUIRED", "STAGES", "StageSetting", "Stages", "stages"]
