"""Single-field checks of the records of this app: one module a noun. Source: ALG-1.1."""

from accounts.validators.domain import BadDomain, normalise_domain
from accounts.validators.email import BadEmail, Email, read_email
from accounts.validators.phone import Phone, read_phone

__all__ = [
    "BadDomain",
    "BadEmail",
    "Email",
    "Phone",
    "normalise_domain",
    "read_email",
    "read_phone",
]
