"""How the files of other systems become our records (spec mappings.md): one module a noun."""

from accounts.mappings import account, catalogue, contact, lead

__all__ = ["account", "catalogue", "contact", "lead"]
