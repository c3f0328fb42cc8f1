"""Business calendars and fiscal periods: set-up data, edited by operations."""

from django.contrib import admin

from revops.kernel.clocks.models import BusinessCalendar, CalendarDayOverride, FiscalPeriod


class OverrideInline(admin.TabularInline):  # type: ignore[type-arg]
    model = CalendarDayOverride
    extra = 0


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("key", "version", "tz", "effective_from")
    inlines = (OverrideInline,)


@admin.register(FiscalPeriod)
class FiscalPeriodAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("label", "kind", "start", "end")
    list_filter = ("kind",)
    ordering = ("start", "kind")
