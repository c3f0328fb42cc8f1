"""How often the gates of deals refuse. Source: d2 dashboards, "Gate attempts"."""

from datetime import timedelta

from django.db.models import Q

from opportunities.metrics.hygiene import DEAL
from revops.kernel.gates.enums import Outcome
from revops.kernel.metrics import Ratio, register_ratio

WINDOW = timedelta(days=90)

GATE_FAIL = register_ratio(
    Ratio(
        key="gate_fail_pct",
        label="Attempts refused",
        definition="Of the attempts of the last 90 days to bring a deal past its gates, those that were refused.",
        formula="Attempts refused ÷ attempts",
        owner="Sales Ops",
        record_type="gates.gateattempt",
        among=lambda now: Q(subject_type=DEAL, tried_at__gte=now - WINDOW),
        counted=lambda now: Q(outcome=Outcome.REFUSED),
        inside="Attempts that were refused",
        outside="Attempts that passed",
        better="low",
        reads=frozenset({"subject_type", "tried_at", "outcome"}),
    )
)
