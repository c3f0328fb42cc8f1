import signal
from threading import Event
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from revops.kernel.outbox import pump


class Command(BaseCommand):
    help = "Seals the audit trail and dispatches the outbox until SIGTERM or SIGINT. Any number may run."
    # It serves no page and must come back at once after a crash; `migrate` and `make lint` run the checks.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="take every step once and end")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        stopping = Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopping.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        pump.run(stopping, once=once)
