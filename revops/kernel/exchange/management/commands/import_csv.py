"""`manage.py import_csv OBJECT FILE --mapping NAME`: a file becomes records, or a report of what would become of it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from revops.kernel.exchange import importing
from revops.kernel.exchange.claims import Superseded
from revops.kernel.exchange.findings import FileRefused
from revops.kernel.exchange.models import RowOutcome
from revops.kernel.exchange.options import Options
from revops.kernel.exchange.reports import Report
from revops.kernel.identity.models import User
from revops.kernel.people import access

REJECTED, REFUSED = 1, 2
_SHOWN = 50


class Command(BaseCommand):
    help = "Import a CSV file. Exit code 0: nothing was rejected; 1: rows were rejected; 2: the file was refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("object", metavar="OBJECT", help="what the rows are, such as account or lead")
        parser.add_argument("file", metavar="FILE", type=Path, help="the CSV file")
        parser.add_argument(
            "--mapping", required=True, help="columns (our field names), salesforce, hubspot, …"
        )
        parser.add_argument("--dry-run", action="store_true", help="decide every row and write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument(
            "--by", metavar="EMAIL", default="", help="who imports; default: the one RevOps person"
        )
        parser.add_argument("--encoding", default="", help="such as cp1252; default: detected")
        parser.add_argument(
            "--delimiter", default="", help="comma, semicolon, tab or pipe; default: detected"
        )
        parser.add_argument("--date-format", default="", help="dmy, mdy or ymd, for dates that are not ISO")
        parser.add_argument("--decimal", default="", help="the decimal sign, where 1.234 reads both ways")
        parser.add_argument(
            "--migration",
            action="store_true",
            default=None,
            help="relax what another system's history may lack",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        as_json: bool = options["json"]
        try:
            report = importing.run(
                by=_person(options["by"]),
                record_type=options["object"],
                path=options["file"],
                mapping=options["mapping"],
                dry_run=options["dry_run"],
                options=Options(
                    encoding=options["encoding"],
                    delimiter=options["delimiter"],
                    date_format=options["date_format"],
                    decimal=options["decimal"],
                    migration=options["migration"],
                ),
            )
        except FileRefused as refused:
            findings = [finding.as_json() for finding in refused.located]
            self._refuse(findings, as_json)
        except (LookupError, access.Forbidden, Superseded, OSError) as error:
            self._refuse([{"code": "IMP-018", "message": str(error), "weight": "error"}], as_json)
        else:
            self._tell(report, as_json)
            if report.counts[RowOutcome.REJECTED]:
                raise SystemExit(REJECTED)

    def _refuse(self, findings: list[dict[str, Any]], as_json: bool) -> None:
        if as_json:
            counts = {"rows": 0, **{str(outcome): 0 for outcome in RowOutcome}}
            self.stdout.write(json.dumps({"refused": True, **counts, "findings": findings}, indent=2))
        else:
            self.stderr.write("The file was refused; nothing of it was imported.")
            for finding in findings:
                self.stderr.write(_line(finding))
        raise SystemExit(REFUSED)

    def _tell(self, report: Report, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"refused": False, **report.as_json()}, indent=2))
            return
        did = "would be " if report.dry_run else ""
        told = ", ".join(f"{count:,} {did}{outcome}" for outcome, count in report.counts.items())
        self.stdout.write(f"{report.file_name} ({report.encoding}, separated by {report.delimiter!r})")
        if report.resumed_at:
            self.stdout.write(f"Went on after {report.resumed_at:,} rows.")
        self.stdout.write(f"{report.rows:,} rows: {told}.")
        for finding in report.findings[:_SHOWN]:
            self.stdout.write(_line(finding))
        more = len(report.findings) - _SHOWN + report.left_out
        if more > 0:
            self.stdout.write(f"… and {more:,} more findings.")


def _person(email: str) -> User:
    """Return who imports. Raises CommandError when that is not clear."""
    people = User.objects.filter(is_active=True)
    if email:
        named = people.filter(email__iexact=email).first()
        if named is None:
            raise CommandError(f"There is no active person with the address {email}.", returncode=REFUSED)
        found: User = named
        return found
    holders = [
        user for user in people.filter(kind="person").order_by("pk") if "REVOPS" in access.roles_of(user)
    ]
    if len(holders) != 1:
        listed = ", ".join(user.email for user in holders) or "nobody"
        raise CommandError(f"Say who imports with --by EMAIL. RevOps people: {listed}.", returncode=REFUSED)
    only: User = holders[0]
    return only


def _line(finding: dict[str, Any]) -> str:
    """Return one finding as one line of text."""
    line, row, column = (finding.get(name) for name in ("line", "row", "column"))
    where = f"line {line}" + (f" (row {row})" if row else "") if line else "file"
    where += f", column {column!r}" if column else ""
    parts = [f"{finding['code']} {finding['weight']} · {where}: {finding['message']}"]
    parts += [f"Found: {finding['found']}." if finding.get("found") else ""]
    parts += [f"Needed: {finding['needed']}." if finding.get("needed") else ""]
    parts += [finding.get("remedy") or ""]
    return " ".join(part for part in parts if part)
