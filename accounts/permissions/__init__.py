"""The access rows of the accounts domain (spec/access.md): one module a noun."""

from accounts.permissions import account, catalogue

__all__ = ["account", "catalogue"]
