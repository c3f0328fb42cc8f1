"""The access rows of the accounts domain (spec/access.md): one module a noun."""

from accounts.permissions import account, activity, catalogue, contact, lead

__all__ = ["account", "activity", "catalogue", "contact", "lead"]
