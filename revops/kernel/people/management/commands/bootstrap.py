import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from revops.kernel.audit import Blocked
from revops.kernel.people import actions


class Command(BaseCommand):
    help = "Create the first administrator of a new installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--no-password", action="store_true", help="let them set it through the reset mail"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = None if options["no_password"] else getpass.getpass("Password for this administrator: ")
        try:
            user = actions.bootstrap_admin(email=options["email"], name=options["name"], password=password)
        except Blocked as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{user.name} may sign in as {user.email}.")
