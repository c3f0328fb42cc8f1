"""How the files of other systems become deals (spec mappings.md): one module a noun."""

from opportunities.mappings import contact_role, opportunity, stage_interval

__all__ = ["contact_role", "opportunity", "stage_interval"]
