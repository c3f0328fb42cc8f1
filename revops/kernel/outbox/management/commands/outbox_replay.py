from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from revops.kernel.outbox.replaying import replay


class Command(BaseCommand):
    help = "Puts parked events back into delivery: one by its id, or all of them."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("id", nargs="?", type=UUID, help="the id of a dead event")
        which.add_argument("--dead", action="store_true", help="every dead event")

    def handle(self, *args: Any, **options: Any) -> None:
        count = replay(options["id"])
        if options["id"] and not count:
            raise CommandError(
                f"There is no dead event {options['id']}: only a parked event can be replayed."
            )
        self.stdout.write(f"{count} events will be delivered again.")
