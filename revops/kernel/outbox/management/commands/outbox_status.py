import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from revops.kernel.outbox.status import status


class Command(BaseCommand):
    help = "Prints how many events wait, how old they are, how many are parked, and the heartbeat's age."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        figures = asdict(status())
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        for name, value in figures.items():
            unit = " s" if value is not None and name in {"oldest_age", "lag", "heartbeat_age"} else ""
            self.stdout.write(
                f"{name.replace('_', ' '):14} {'none' if value is None else f'{value:g}'}{unit}"
            )
