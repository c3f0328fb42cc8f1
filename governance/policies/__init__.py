"""What operations decide about governance itself: one module a noun."""

from governance.policies import board, clocks, control, council

__all__ = ["board", "clocks", "control", "council"]
