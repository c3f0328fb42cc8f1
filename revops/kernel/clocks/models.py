"""Set-up data about time: opening hours, the days that differ, and the fiscal calendar."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from revops.kernel.clocks.enums import PeriodKind
from revops.kernel.clocks.validators import validate_day_windows, validate_time_zone, validate_weekly


class BusinessCalendar(models.Model):
    """One version of a calendar's opening hours; it holds from `effective_from` until the next.

    A version in use is not edited but followed by another (`calendars.revise`), so that past clock
    segments keep the hours they were measured with.
    """

    key = models.SlugField(_("key"), max_length=64)
    tz = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    weekly = models.JSONField(
        _("weekly hours"),
        validators=[validate_weekly],
        help_text=_("Weekday 0 (Monday) to 6 to windows [open, close] in minutes after midnight."),
    )
    version = models.PositiveIntegerField(_("version"), default=1, validators=[MinValueValidator(1)])
    effective_from = models.DateTimeField(_("effective from"))

    class Meta:
        verbose_name = _("business calendar")
        verbose_name_plural = _("business calendars")
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="calendar_version_unique"),
            models.UniqueConstraint(fields=["key", "effective_from"], name="calendar_effective_from_unique"),
            models.CheckConstraint(condition=Q(version__gte=1), name="calendar_version_from_one"),
            models.CheckConstraint(condition=~Q(key="") & ~Q(tz=""), name="calendar_key_and_tz_given"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """The reference that clocks keep: key@version."""
        return f"{self.key}@{self.version}"


class CalendarDayOverride(models.Model):
    """A date whose windows differ from the week's: a holiday (none), a half day, an extra day."""

    calendar = models.ForeignKey(
        BusinessCalendar, verbose_name=_("calendar"), on_delete=models.CASCADE, related_name="overrides"
    )
    date = models.DateField(_("date"))
    windows = models.JSONField(
        _("windows"),
        default=list,
        blank=True,
        validators=[validate_day_windows],
        help_text=_("Empty means closed."),
    )
    label = models.CharField(_("label"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("calendar day override")
        verbose_name_plural = _("calendar day overrides")
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date"], name="calendar_override_date_unique")
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.label}".strip()


class FiscalPeriod(models.Model):
    """One year, quarter or month of the fiscal calendar, from `start` to `end`, both included.

    The dates are data and never computed from month numbers. `planning_rates` maps a currency to the
    rate of the period, as text with at most eight decimals.
    """

    kind = models.CharField(_("kind"), max_length=8, choices=PeriodKind)
    label = models.CharField(_("label"), max_length=32, unique=True)
    start = models.DateField(_("first day"))
    end = models.DateField(_("last day"))
    parent = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    planning_rates = models.JSONField(_("planning rates"), default=dict, blank=True)

    class Meta:
        verbose_name = _("fiscal period")
        verbose_name_plural = _("fiscal periods")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PeriodKind.values), name="fiscal_period_kind_known"),
            models.CheckConstraint(condition=~Q(label=""), name="fiscal_period_label_given"),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="fiscal_period_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(kind=PeriodKind.YEAR) | Q(parent__isnull=True), name="fiscal_year_has_no_parent"
            ),
            models.UniqueConstraint(fields=["kind", "start"], name="fiscal_period_start_unique"),
            models.UniqueConstraint(fields=["kind", "end"], name="fiscal_period_end_unique"),
        ]

    def __str__(self) -> str:
        return self.label
