"""What operations decide about governance itself: one module a noun."""

from governance.policies import board, clocks, control, council, glossary, objects, roles

__all__ = ["board", "clocks", "control", "council", "glossary", "objects", "roles"]
