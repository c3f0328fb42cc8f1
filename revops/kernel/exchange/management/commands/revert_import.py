"""`manage.py revert_import RUN --by EMAIL`: an import is taken back, or a report of what that would do."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from revops.kernel import audit
from revops.kernel.exchange import reverting
from revops.kernel.exchange.claims import Superseded
from revops.kernel.exchange.models import ImportRun
from revops.kernel.exchange.reverting import Revert
from revops.kernel.identity.models import User
from revops.kernel.people import access

KEPT, REFUSED = 1, 2
_SHOWN = 50


class Command(BaseCommand):
    help = "Revert an import. Exit code 0: everything went back; 1: some records were kept; 2: refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "run", metavar="RUN", type=int, help="the number of the import, as import_csv told it"
        )
        parser.add_argument("--by", metavar="EMAIL", required=True, help="who reverts")
        parser.add_argument("--dry-run", action="store_true", help="say what would become of each record")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.filter(is_active=True, email__iexact=options["by"]).first()
        if by is None:
            raise CommandError(
                f"There is no active person with the address {options['by']}.", returncode=REFUSED
            )
        run = ImportRun.objects.filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"There is no import {options['run']}.", returncode=REFUSED)
        try:
            report = reverting.plan(run, by) if options["dry_run"] else reverting.run(run, by)
        except (audit.Blocked, access.Forbidden, Superseded) as error:
            raise CommandError(
                str(error) or "Another process has taken this revert over.", returncode=REFUSED
            ) from None
        self._tell(report, as_json=options["json"])
        if report.kept:
            raise SystemExit(KEPT)

    def _tell(self, report: Revert, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.as_json(), indent=2))
            return
        would = "would be " if report.dry_run else ""
        self.stdout.write(
            f"Import {report.run_id}: {report.removed:,} records {would}removed, {report.restored:,} {would}restored, "
            f"{report.kept:,} {would}kept."
        )
        for finding in report.findings[:_SHOWN]:
            self.stdout.write(f"{finding['code']} {finding['message']} {finding['remedy']}".strip())
        more = len(report.findings) - _SHOWN + report.left_out
        if more > 0:
            self.stdout.write(f"… and {more:,} more findings.")
