"""How the files of other systems become our records (spec mappings.md): one module a noun."""

from accounts.mappings import account, activity, catalogue, contact, lead, parked

__all__ = ["account", "activity", "catalogue", "contact", "lead", "parked"]
