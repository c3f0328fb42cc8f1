"""What governance declares to the shells: one module a noun."""

from governance.records import council, rfc

__all__ = ["council", "rfc"]
