import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from revops.kernel.outbox.status import JobEntry, job_register


class Command(BaseCommand):
    help = "Prints the cadence register: every scheduled job, its cadence, its owner and its last evidence."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        entries = job_register()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(entry) for entry in entries], cls=DjangoJSONEncoder))
            return
        for entry in entries:
            self.stdout.write(self._line(entry))

    def _line(self, entry: JobEntry) -> str:
        last = (
            f"{entry.last_run_at:%Y-%m-%d %H:%M:%S} UTC {entry.state}" if entry.last_run_at else "never run"
        )
        remark = f" ({entry.evidence})" if entry.evidence else ""
        late = " LATE" if entry.late else ""
        return f"{entry.key:24} {entry.cadence:24} {entry.owner:10} {last}{remark}{late}"
