"""The cast, an account of Alice's, and clocks that only these tests have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.actions import create_account
from accounts.models import Account
from revops.kernel import audit, clocks, sla
from revops.kernel.policies import documents as registry
from revops.kernel.sla.models import SlaClock
from tests.cast import Cast, cast, cast_of_module, committed_cast, organisation_at_once, settled_organisation

__all__ = ["cast", "cast_of_module", "committed_cast", "organisation_at_once", "settled_organisation"]

# Monday 9 March 2026, 09:00 in New York, where office hours begin.
MONDAY = datetime(2026, 3, 9, 13, tzinfo=UTC)
REPLY = "tests.reply"


def at(hour: int, minute: int = 0, *, day: int = 9, second: int = 0) -> datetime:
    """Return an instant of March 2026 by the clock of New York in summer."""
    return datetime(2026, 3, day, tzinfo=UTC) + timedelta(hours=hour + 4, minutes=minute, seconds=second)


def by_a_person(event: str, evidence: Mapping[str, Any]) -> bool:
    return evidence.get("by") != "robot"


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Declare a clock of sixty business minutes and one of 24 hours for accounts."""
    monkeypatch.setattr(registry, "_documents", dict(registry._documents))
    sla.document(
        key=REPLY,
        title="Reply",
        target=sla.length(60, "minutes"),
        source="The tests",
        record_type="accounts.account",
        start_on=("account.asked",),
        stop_on=("account.answered",),
        cancel_on=("account.withdrawn",),
        pause_on=("account.waits",),
        resume_on=("account.back",),
        targets=(
            {
                "when": {"f": "account.segment", "op": "eq", "v": "ENT"},
                "target": sla.length(30, "minutes"),
            },
        ),
        qualifies=by_a_person,
    )
    sla.document(
        key="tests.day",
        title="A day",
        target=sla.length(24, "hours"),
        source="The tests",
        clock="elapsed",
        stop_on=("account.done",),
        reopen="resume",
    )


@dataclass
class World:
    """An account with clocks: what happens to it happens at the time that is named."""

    cast: Cast
    account: Account

    def start(self, key: str = REPLY, when: datetime = MONDAY, **more: Any) -> SlaClock:
        with clocks.at(when), audit.change(by=self.cast.alice, action="test.start"):
            return sla.start(key, self.account, **more)

    def signal(
        self, event: str, when: datetime, known: datetime | None = None, **more: Any
    ) -> list[SlaClock]:
        with clocks.at(known or when), audit.change(by=self.cast.alice, action="test.signal"):
            return sla.signal(self.account, event, at=when, **more)

    def told(self) -> list[tuple[str, str]]:
        """Return every event about clocks that left, with the state it told."""
        from revops.kernel.outbox.models import OutboxEvent

        rows = OutboxEvent.objects.filter(type__startswith="sla.").order_by("id")
        return [(row.type, row.payload["state"]) for row in rows]


@pytest.fixture
def world(cast: Cast, declared: None) -> World:
    return World(cast, create_account(by=cast.alice, values={"name": "Northwind"}))


Make = Callable[..., SlaClock]
