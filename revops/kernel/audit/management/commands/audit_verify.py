"""`manage.py audit_verify`: is everything still as it was signed?"""

import json
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from revops.kernel.audit import sealing
from revops.kernel.audit.verifying import UNSEEN, Report, verify

_CANNOT = "What it cannot see:\n" + "\n".join(f"  * {line}" for line in UNSEEN)


class Command(BaseCommand):
    help = (
        "Verifies the audit trail: chain, anchors, events, history and live rows. Names every finding; "
        f"exits 1 if anything is not as it was signed.\n\n{_CANNOT}"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs["formatter_class"] = RawDescriptionHelpFormatter
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument(
            "--record-type", help="check the records of one type only, such as accounts.account"
        )
        parser.add_argument("--first", action="store_true", help="stop at the first finding")
        parser.add_argument(
            "--dismiss-alarm",
            action="store_true",
            help="first clear the sealer's alarm: somebody has looked at it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dismiss_alarm"]:
            sealing.dismiss_alarm()
        try:
            report = verify(record_type=options["record_type"], stop_at_first=options["first"])
        except LookupError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), indent=2))
        else:
            self._tell(report)
        if not report.valid:
            raise SystemExit(1)

    def _tell(self, report: Report) -> None:
        for finding in report.findings:
            style = self.style.ERROR if finding.severity == "bad" else self.style.WARNING
            self.stdout.write(style(f"{finding.severity.upper()}: {finding}"))
        counted = ", ".join(f"{count:,} {what}" for what, count in report.checked.items())
        self.stdout.write(f"Checked {counted or 'nothing'}." + ("" if report.complete else " Stopped early."))
        self.stdout.write(_CANNOT)
        verdict = "Everything is as it was signed." if report.valid else "The trail is not as it was signed."
        self.stdout.write((self.style.SUCCESS if report.valid else self.style.ERROR)(verdict))
