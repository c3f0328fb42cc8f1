import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from revops.kernel.people import access
from revops.kernel.people.access.organisation import current
from revops.kernel.people.enums import Role


class Command(BaseCommand):
    help = "Print the access matrix: role × record type → view, create, edit, actions, hidden fields."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        matrix = access.dump([*Role.values, *sorted(current().custom_roles)])
        if options["json"]:
            self.stdout.write(json.dumps(matrix, indent=1, sort_keys=True))
            return
        for role, types in matrix.items():
            self.stdout.write(role)
            for name, held in types.items():
                if held["view"] != "none" or held["create"] or held["conditional"]:
                    edits = "; ".join(f"{e['scope']}: {', '.join(e['fields'])}" for e in held["edit"])
                    self.stdout.write(f"  {name:26} view {held['view']:8} edit {edits or '-'}")
