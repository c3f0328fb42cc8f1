import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from revops.kernel import policies
from revops.kernel.policies import documents
from revops.kernel.policies.models import PolicyVersion


class Command(BaseCommand):
    help = "Print a policy in plain words: what is in force, from where it comes, and its versions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", nargs="?", help="such as accounts.segment; without one, list the policies")
        parser.add_argument("--json", action="store_true", help="print the body as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        key = options["key"]
        if key is None:
            for document in documents.every():
                self.stdout.write(f"{document.key:36} {document.title}")
            return
        try:
            held = policies.get(key)
        except LookupError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(held.raw, indent=2, sort_keys=True))
            return
        source = "the shipped default" if held.n == 0 else f"version {held.n}, on {held.authority}"
        self.stdout.write(f"{held.document.title} ({key}): {source}, mode {held.mode}")
        for line in held.body.lines():
            self.stdout.write(f"  {line}")
        rows = PolicyVersion.objects.filter(policy__key=key).select_related("policy")
        for version in rows.order_by("policy__scope_key", "n"):
            begins = f" from {version.effective_from:%Y-%m-%d}" if version.effective_from else ""
            ends = f" to {version.effective_to:%Y-%m-%d}" if version.effective_to else ""
            self.stdout.write(f"  {version}: {version.status}{begins}{ends}. {version.source_note}")
