"""How the files of other systems become our records (spec mappings.md): one module a noun."""

from accounts.mappings import account, catalogue

__all__ = ["account", "catalogue"]
