"""Time: the injected clock, business calendars and fiscal periods (M1).

`clocks.now()`, `clocks.today(tz)` and `clocks.at(instant)` are the only way to learn the time.
"""

from revops.kernel.clocks.clock import at, now, today

__all__ = ["at", "now", "today"]
