"""The access rows of the opportunities domain (spec/access.md): one module a noun."""

from opportunities.permissions import deal, funnel, parts

__all__ = ["deal", "funnel", "parts"]
