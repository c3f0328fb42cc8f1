"""What the accounts domain declares to the shells: one module a noun."""

from accounts.records import account, activity, catalogue, contact, lead

__all__ = ["account", "activity", "catalogue", "contact", "lead"]
