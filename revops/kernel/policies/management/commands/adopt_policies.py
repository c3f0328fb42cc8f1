from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from revops.kernel.identity.models import User
from revops.kernel.people.access import Forbidden
from revops.kernel.policies import actions


class Command(BaseCommand):
    help = (
        "Keep the shipped default of every policy without a version as its version 1, in force from now on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--by", required=True, help="the e-mail address of somebody in revenue operations"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.filter(email=options["by"], is_active=True).first()
        if by is None:
            raise CommandError(f"Nobody active signs in as {options['by']}.")
        try:
            adopted = actions.adopt_shipped(by=by)
        except Forbidden as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{len(adopted)} policies adopted.")
        for version in adopted:
            self.stdout.write(f"  {version}")
