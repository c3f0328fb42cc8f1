from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from revops.kernel.policies import decisions, documents
from revops.kernel.policies.models import Decision

AT_ONCE = 500


class Command(BaseCommand):
    help = "Take stored decisions again by their own versions and facts, and print those that come out differently."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--last", type=int, default=1_000, help="how many, the latest first")
        parser.add_argument("--policy", default="", help="only decisions by this policy")

    def handle(self, *args: Any, **options: Any) -> None:
        key, number = options["policy"], options["last"]
        if key and key not in {document.key for document in documents.every()}:
            raise CommandError(f"{key} is no policy; `policy_show` lists them.")
        if number < 1:
            raise CommandError("--last is a whole number from 1.")
        rows = Decision.objects.select_related("policy_version__policy").order_by("-pk")
        if key:
            rows = rows.filter(policy_key=key)
        taken = differing = 0
        for decision in rows[:number].iterator(AT_ONCE):
            found = decisions.replay(decision)
            taken += 1
            if not found.same:
                differing += 1
                about = f"{decision.subject_type} {decision.subject_id}"
                self.stdout.write(f"Decision {decision.pk} on {about} by {decision.ref}:")
                for difference in found.differences:
                    self.stdout.write(f"  {difference}")
        self.stdout.write(f"{taken} decisions taken again, {differing} came out differently.")
        if differing:
            raise SystemExit(1)
