"""Accounts and what identifies them."""

from accounts.models.account import Account, AccountDomain
from accounts.models.mail_domain import MailDomain

__all__ = ["Account", "AccountDomain", "MailDomain"]
