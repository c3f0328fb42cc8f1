"""A small world under verification: three people with three versions each, sealed and anchored at noon."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from revops.kernel.audit import anchoring, sealing
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.audit.verifying import Report, verify
from revops.kernel.audit.verifying.records import check_records
from revops.kernel.audit.verifying.snapshot import snapshot
from revops.kernel.identity.models import User
from tests.kernel.audit.acts import create, rename
from tests.kernel.audit.specimens import Entry
from tests.kernel.audit.tampering import HISTORY

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass
class World:
    """Three people with three versions each, an event a version, sealed and anchored at noon."""

    system: User
    people: list[User]

    def row(self, number: int, version: int = 2) -> Any:
        return HISTORY._base_manager.get(id=self.people[number].pk, version=version)

    def event(self, number: int, version: int = 2) -> ChangeEvent:
        return ChangeEvent.objects.get(rows__record_id=self.people[number].pk, rows__row_version=version)


def build(system: User) -> World:
    """Make the world; call it with the clock held at NOON."""
    people = [create(system, f"p{number}@example.com", f"Person {number}") for number in range(3)]
    for version in (2, 3):
        people = [rename(system, user, f"{user.name}, {version}", reason="asked") for user in people]
    assert sealing.seal() == 9
    assert anchoring.anchor() == 9
    assert examine().findings == []
    return World(system, people)


def examine(**options: Any) -> Report:
    """Verify the trail and the users; other record types have no rows in these tests."""
    return verify(record_type="identity.user", **options)


def found(**options: Any) -> list[tuple[str, str, str, int | None]]:
    """Return where the findings are, as (check, table, row, version)."""
    report = examine(**options)
    assert report.valid == (not [finding for finding in report.findings if finding.severity == "bad"])
    return [(finding.check, finding.table, finding.row, finding.version) for finding in report.findings]


def first() -> tuple[str, str, str, int | None]:
    (finding,) = found()
    return finding


def ledger() -> list[tuple[str, str, int | None]]:
    """Return where the findings about the entries are, as (check, row, version)."""
    with snapshot(NOON) as state:
        return [(finding.check, finding.row, finding.version) for finding in check_records(state, Entry)]


def pk_of(event: ChangeEvent) -> Any:
    """Return an event's id as the database stores it."""
    return ChangeEvent._meta.pk.get_db_prep_value(event.pk, connection)
