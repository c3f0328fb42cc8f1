"""Policy documents of the accounts domain. Shipped defaults; the policy mechanism will own their versions."""

from accounts.enums import Segment

# DEF-1: ENT from 1,000 employees, MM from 100; STRAT is only ever set by hand.
SEGMENT_FLOORS = ((1_000, Segment.ENT), (100, Segment.MM), (0, Segment.SMB))


def segment_for(employees: int | None) -> Segment:
    """Return the segment of a company by its number of employees; SMB while the number is unknown."""
    return next(segment for floor, segment in SEGMENT_FLOORS if (employees or 0) >= floor)
