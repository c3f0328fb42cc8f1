"""The two plain catalogues: products, which deals name, and campaigns, which leads and deals come from."""

from accounts.actions.catalogues.writing import (
    create_campaign,
    create_product,
    edit_campaign,
    edit_product,
)

__all__ = ["create_campaign", "create_product", "edit_campaign", "edit_product"]
