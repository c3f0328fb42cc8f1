"""The only writes of the accounts domain."""

from accounts.actions.catalogues import create_campaign, create_product, edit_campaign, edit_product
from accounts.actions.creating import create_account
from accounts.actions.domains import add_domain, release_domain
from accounts.actions.editing import assign_account, edit_account

__all__ = [
    "add_domain",
    "assign_account",
    "create_account",
    "create_campaign",
    "create_product",
    "edit_account",
    "edit_campaign",
    "edit_product",
    "release_domain",
]
