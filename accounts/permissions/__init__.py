"""The access rows of the accounts domain (spec/access.md): one module a noun."""

from accounts.permissions import account

__all__ = ["account"]
