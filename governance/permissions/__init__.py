"""The access rows of governance: one module a noun."""

from governance.permissions import council, rfc

__all__ = ["council", "rfc"]
