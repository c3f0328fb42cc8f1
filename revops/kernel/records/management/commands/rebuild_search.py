"""Write the search words anew: after records were changed by SQL, or when a release finds by more than before."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from revops.kernel.records import registry, searching


class Command(BaseCommand):
    help = "Write the search words of records anew, a batch a transaction; people may search meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("record_type", nargs="*", help="such as accounts.lead; all of them unless named")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild the named record types. Raises CommandError for one that is not known."""
        known = {kind.label: kind for kind in registry.every() if kind.search}
        wanted = options["record_type"] or list(known)
        for label in wanted:
            if label not in known:
                raise CommandError(f"{label} is not searched. Choose from {', '.join(known)}.")
        for label in wanted:
            self.stdout.write(f"{label}: {searching.rebuild(known[label]):,} words")
