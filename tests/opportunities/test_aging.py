"""How long deals stand in their stages: the usual is measured, amber and red follow, managers hear once. ALG-2.3."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Q

from accounts.enums import Segment
from opportunities.actions import aging
from opportunities.enums import OPEN
from opportunities.models import Opportunity, StageBaseline, StageInterval
from opportunities.policies import aging as ages
from opportunities.policies.aging import Tone
from opportunities.queries import silence
from revops.kernel import audit, clocks
from revops.kernel.guard import permit
from revops.kernel.identity.models import User
from revops.kernel.notifications.models import Notification
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.policies import documents, resolving
from revops.kernel.policies.rules import RuleError
from tests.cast import Cast
from tests.opportunities.conftest import open_deal

BEGIN = datetime(2026, 3, 2, 15, tzinfo=UTC)
NOW = BEGIN + timedelta(days=29)


def in_stage(deal: Opportunity, days: int, segment: str = "ENT") -> Opportunity:
    """Let a deal stand in its stage since so many days before NOW."""
    with audit.change(by=User.objects.system(), action="test.stage"):
        held = audit.lock(Opportunity.objects.all(), pk=deal.pk)
        held.stage_since, held.segment = NOW - timedelta(days=days), segment
        audit.write(held)
    deal.refresh_from_db()
    return deal


@pytest.fixture
def deals(cast: Cast, settled_organisation: None) -> Iterator[list[Opportunity]]:
    with clocks.at(BEGIN):
        made = [open_deal(cast) for _ in range(3)]
    with clocks.at(NOW):
        yield [in_stage(deal, days) for deal, days in zip(made, (14, 15, 29), strict=True)]


def tones() -> list[str]:
    rows = Opportunity.objects.annotate(tone=ages.aging_tone(NOW)).order_by("pk")
    return list(rows.values_list("tone", flat=True))


def test_tone_by_the_days_of_the_policy_until_enough_was_won(deals: list[Opportunity]) -> None:
    """Fourteen days are usual in qualification: the fifteenth is amber, the twenty-ninth red; in SQL as in hand."""
    assert tones() == [Tone.FRESH, Tone.AMBER, Tone.RED]
    assert [silence.aging(deal, NOW).tone for deal in deals] == tones()
    assert [silence.aging(deal, NOW).days for deal in deals] == [14, 15, 29]
    for tone, held in ((Tone.AMBER, deals[1]), (Tone.RED, deals[2])):
        assert list(Opportunity.objects.filter(ages.aged(NOW, tone))) == [held]


def test_measured_days_count_from_enough_wins_on(deals: list[Opportunity], monkeypatch: Any) -> None:
    """Third quartile and twice the median of won deals take the place of the policy's days, from 30 wins on."""
    stays = {("ENT", "qualification"): [float(n) for n in range(1, 31)], ("SMB", "discovery"): [9.0] * 29}
    monkeypatch.setattr(aging, "_stays", lambda: stays)
    assert aging.measure(NOW) == 1
    row = StageBaseline.objects.get(segment="ENT", stage="qualification")
    assert (row.wins, row.p75_days, row.median_days, row.measured) == (
        30,
        Decimal("22.75"),
        Decimal("15.50"),
        True,
    )
    few = StageBaseline.objects.get(segment="SMB", stage="discovery")
    assert (few.wins, few.p75_days, few.median_days, few.measured) == (29, Decimal(21), Decimal(21), False)
    assert StageBaseline.objects.count() == len(Segment.values) * len(OPEN)
    assert tones() == [Tone.FRESH, Tone.FRESH, Tone.AMBER]
    stays["ENT", "qualification"] = [5.0] * 30
    aging.measure(NOW + timedelta(days=1))
    assert tones() == [Tone.RED, Tone.RED, Tone.RED]
    assert StageBaseline.objects.count() == len(Segment.values) * len(OPEN)


def test_stays_of_won_deals_are_summed_by_stage(deals: list[Opportunity]) -> None:
    """Two stays of one deal in a stage count together; open deals and closed stages do not."""
    won, other = deals[0], deals[1]
    with audit.change(by=User.objects.system(), action="test.won"):
        rows = [
            StageInterval(
                opportunity=deal,
                stage=stage,
                active_from=BEGIN + timedelta(days=since),
                active_to=BEGIN + timedelta(days=until),
                entered_by=User.objects.system(),
                via="moved",
                probability=Decimal("0.2"),
            )
            for deal, stage, since, until in (
                (won, "discovery", 0, 3),
                (won, "discovery", 5, 7),
                (won, "closed_won", 7, 8),
                (other, "discovery", 0, 9),
            )
        ]
        audit.write_many(rows)
    assert aging._stays() == {}
    assert stayed(won) == {("ENT", "discovery"): [5.0]}


def stayed(won: Opportunity) -> dict[Any, list[float]]:
    """Return the stays as if the deal had been won."""
    with permit():
        Opportunity._base_manager.filter(pk=won.pk).update(stage="closed_won", booked_at=NOW, closed_at=NOW)
    return aging._stays()


def test_red_deal_is_told_to_the_manager_once_an_interval(cast: Cast, deals: list[Opportunity]) -> None:
    assert [aging.tell_red(NOW), aging.tell_red(NOW)] == [1, 0]
    in_stage(deals[1], 29)
    assert [aging.tell_red(NOW), aging.tell_red(NOW)] == [1, 0]
    told = Notification.objects.filter(kind="opportunity.stage_aged").order_by("pk")
    assert next(iter(told.values_list("recipient", "subject_id"))) == (cast.mona.pk, deals[2].pk)
    events = OutboxEvent.objects.filter(type="opportunity.stage_aged").order_by("created_at", "id")
    assert [event.payload["opportunity"] for event in events] == [deals[2].pk, deals[1].pk]
    assert StageInterval.objects.filter(Q(aged_at__isnull=False)).count() == 2


def test_policy_of_aging_names_every_open_stage_once() -> None:
    document = documents.get(ages.AGING)
    with pytest.raises(RuleError, match="Every open stage stands here once"):
        document.read({"stages": [{"stage": "discovery", "days": 3}]})


@pytest.mark.parametrize(
    ("number", "values", "words"),
    [
        (0, {"nudge": 20}, "The steps do not follow each other"),
        (0, {"close": 30}, "The steps do not follow each other"),
        (0, {"segment": "MM"}, "Every segment stands here once"),
    ],
)
def test_policy_of_silence_has_rising_days_for_every_segment(
    number: int, values: dict[str, Any], words: str
) -> None:
    document = documents.get("opportunities.stale")
    rows: list[dict[str, Any]] = [dict(one) for one in document.default["segments"]]
    rows[number] |= values
    with pytest.raises(RuleError, match=words):
        document.read({"segments": rows})


def test_policy_of_silence_never_shortens_the_notice_below_ten_business_days() -> None:
    document = documents.get("opportunities.stale")
    assert [one.code for one in document.findings(dict(document.default) | {"notice_business_days": 9})] == [
        "POL-001"
    ]


def test_simulation_of_silence_says_what_a_version_would_close(deals: list[Opportunity]) -> None:
    document = documents.get("opportunities.stale")
    assert document.simulation is not None
    outcome = document.simulation.outcome(resolving.shipped(document), NOW + timedelta(days=50))
    rows = document.simulation.rows().annotate(outcome=outcome).order_by("pk")
    in_stage(deals[1], 1, "SMB")
    with audit.change(by=User.objects.system(), action="test.type"):
        held = audit.lock(Opportunity.objects.all(), pk=deals[2].pk)
        held.type, held.segment = "renewal", "SMB"
        audit.write(held)
    assert list(rows.values_list("outcome", flat=True)) == ["notice", "close", "kept"]
