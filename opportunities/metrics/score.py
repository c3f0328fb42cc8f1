"""The hygiene score: the mean of its five parts. Here alone it is worked out. Source: addenda, "Numbers"."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from opportunities.metrics import hygiene
from revops.kernel.metrics import Share

KEY, LABEL, OWNER, VERSION = "hygiene_score", "Hygiene score", "Sales Ops", 1
DEFINITION = (
    "How well the open deals are kept: the mean of five shares in per cent. They are: next step fresh, required "
    "fields, not idle, clocks met, close date not past. What there is nothing of is left out of the mean."
)
FORMULA = "(Next step fresh + required fields + (100 − idle) + clocks met + close date not past) ÷ 5"
GREEN, AMBER = Decimal(90), Decimal(75)
# Each part with whether it counts as it is, or what lacks to a hundred.
PARTS: Mapping[str, bool] = {
    hygiene.NEXT_STEP_FRESH.key: True,
    hygiene.REQUIRED_FIELDS.key: True,
    hygiene.IDLE.key: False,
    hygiene.SLA_MET.key: True,
    hygiene.CLOSES_LATER.key: True,
}


@dataclass(frozen=True, slots=True)
class Score:
    """A hygiene score, what each part gave to it, and how many open deals it is about."""

    value: Decimal | None
    parts: Mapping[str, Decimal]
    n: int

    @property
    def tone(self) -> str:
        """Return green, amber or red; nothing for too few deals."""
        if self.value is None or self.n < hygiene.NEXT_STEP_FRESH.min_n:
            return ""
        return "green" if self.value >= GREEN else "amber" if self.value >= AMBER else "red"

    @property
    def left_out(self) -> list[str]:
        """Return the parts of which there is nothing."""
        return [key for key in PARTS if key not in self.parts]


def score(shares: Mapping[str, Share]) -> Score:
    """Return the score of what these shares, by key, are about; None where not even an open deal is."""
    parts = {}
    for key, as_it_is in PARTS.items():
        value = shares[key].value if key in shares else None
        if value is not None:
            parts[key] = value if as_it_is else 100 - value
    deals = shares.get(hygiene.NEXT_STEP_FRESH.key)
    n = deals.denominator if deals is not None else 0
    if not n:
        return Score(None, parts, 0)
    mean = sum(parts.values(), Decimal(0)) / len(parts)
    return Score(mean.quantize(Decimal("0.01"), ROUND_HALF_UP), parts, n)
