import getpass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.clocks import calendars, fiscal
from revops.kernel.clocks.models import BusinessCalendar, FiscalPeriod
from revops.kernel.people import actions

YEARS = 10
OFFICE_HOURS = {str(day): [[9 * 60, 17 * 60]] for day in range(5)}


class Command(BaseCommand):
    help = "Create the first administrator of a new installation, its fiscal years and its office hours."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--no-password", action="store_true", help="let them set it through the reset mail"
        )
        parser.add_argument(
            "--fiscal-year-starts",
            type=int,
            choices=range(1, 13),
            default=1,
            metavar="MONTH",
            help="the month in which the fiscal year begins; a year is named after the one it ends in",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = None if options["no_password"] else getpass.getpass("Password for this administrator: ")
        try:
            user = actions.bootstrap_admin(email=options["email"], name=options["name"], password=password)
        except Blocked as refusal:
            raise CommandError(str(refusal)) from None
        _keep_calendars(options["fiscal_year_starts"])
        self.stdout.write(f"{user.name} may sign in as {user.email}.")


def _keep_calendars(month: int) -> None:
    """Lay out the fiscal years of ten years back and ahead, and Monday to Friday from nine to five, once."""
    now = clocks.now()
    if not FiscalPeriod.objects.exists():
        years = range(now.year - YEARS, now.year + YEARS + 1)
        starts = {year: date(year if month == 1 else year - 1, month, 1) for year in years}
        fiscal.define([spec for year, start in starts.items() for spec in fiscal.month_year(year, start)])
    if not BusinessCalendar.objects.exists():
        calendars.revise(key="default", tz=settings.ORG_TIME_ZONE, weekly=OFFICE_HOURS, effective_from=now)
