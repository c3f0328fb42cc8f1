from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClocksConfig(AppConfig):
    """Business calendars and fiscal periods."""

    name = "revops.kernel.clocks"
    label = "clocks"
    verbose_name = _("Calendars and fiscal periods")
    default_auto_field = "django.db.models.BigAutoField"
