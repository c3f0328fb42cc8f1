"""A version of a calendar that is in force is shown in the Django admin and not edited: clocks count with it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from revops.kernel import clocks
from revops.kernel.clocks import calendars
from tests.cast import Cast, cast, cast_of_module, organisation_at_once

__all__ = ["cast", "cast_of_module", "organisation_at_once"]

BEGIN = datetime(2026, 3, 9, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "edits"), [(8, True), (10, False)])
def test_calendar_is_edited_until_it_is_in_force(cast: Cast, day: int, edits: bool) -> None:
    calendar = calendars.revise(key="support", tz="UTC", weekly={"0": [[540, 1020]]}, effective_from=BEGIN)
    client: Any = Client()
    client.force_login(cast.rita, backend="revops.kernel.people.backends.SignInBackend")
    values = {
        "key": "support", "version": 1, "tz": "UTC", "weekly": '{"0": [[480, 1020]]}',
        "effective_from_0": "2026-03-09", "effective_from_1": "00:00:00",
        "overrides-TOTAL_FORMS": 0, "overrides-INITIAL_FORMS": 0,
    }  # fmt: skip
    path = f"/admin/clocks/businesscalendar/{calendar.pk}/change/"
    with clocks.at(BEGIN.replace(day=day)):
        shown, saved = client.get(path), client.post(path, values)
    calendar.refresh_from_db()
    assert (shown.status_code, saved.status_code) == (200, 302 if edits else 403)
    assert calendar.weekly == {"0": [[480 if edits else 540, 1020]]}
