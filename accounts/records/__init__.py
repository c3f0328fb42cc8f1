"""What the accounts domain declares to the shells: one module a noun."""

from accounts.records import account, catalogue

__all__ = ["account", "catalogue"]
