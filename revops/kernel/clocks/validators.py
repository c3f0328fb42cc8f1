"""Single-field checks of the set-up data of this app."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from revops.kernel.clocks.business import Calendar, day_windows


def validate_time_zone(value: str) -> None:
    """Refuse a name that is not in the IANA time zone database."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError(
            _("“%(value)s” is not a time zone: use an IANA name such as Europe/Berlin."),
            code="unknown_time_zone",
            params={"value": value},
        ) from None


def validate_day_windows(value: Any) -> None:
    """Refuse anything but a list of ordered `[open, close]` minutes; an empty list is a closed day."""
    _refuse_errors(lambda: day_windows(value))


def validate_weekly(value: Any) -> None:
    """Refuse anything but weekdays "0" (Monday) to "6" with their windows, at least one in the week."""
    _refuse_errors(lambda: Calendar(ZoneInfo("UTC"), {int(day): pairs for day, pairs in value.items()}))


def _refuse_errors(check: Callable[[], object]) -> None:
    try:
        check()
    except (AttributeError, TypeError, ValueError) as error:
        raise ValidationError(
            _("These opening hours cannot be used: %(reason)s"),
            code="invalid_windows",
            params={"reason": str(error)},
        ) from None
