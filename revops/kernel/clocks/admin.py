"""Business calendars and fiscal periods: set-up data, edited by operations.

A version of a calendar that is in force is not edited any more: clocks count with it. The next version is added.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from revops.kernel.clocks import clock
from revops.kernel.clocks.models import BusinessCalendar, CalendarDayOverride, FiscalPeriod


def is_planned(calendar: BusinessCalendar | None) -> bool:
    """Say whether a version may still be edited: it is new, or begins later."""
    return calendar is None or calendar.effective_from > clock.now()


class OverrideInline(admin.TabularInline):  # type: ignore[type-arg]
    model = CalendarDayOverride
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_planned(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_planned(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_planned(obj) and super().has_delete_permission(request, obj)


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("key", "version", "tz", "effective_from")
    inlines = (OverrideInline,)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_planned(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_planned(obj) and super().has_delete_permission(request, obj)


@admin.register(FiscalPeriod)
class FiscalPeriodAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("label", "kind", "start", "end")
    list_filter = ("kind",)
    ordering = ("start", "kind")
