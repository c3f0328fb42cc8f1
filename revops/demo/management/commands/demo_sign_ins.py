from typing import Any

from django.core.management.base import BaseCommand

from revops.demo.cast import PARTS, PASSWORD
from revops.kernel.identity.models import User


class Command(BaseCommand):
    help = "Print the sign-ins of the demo company, if it is loaded."

    def handle(self, *args: Any, **options: Any) -> None:
        known = set(User.objects.values_list("email", flat=True))
        present = [part for part in PARTS if part.email in known]
        for part in present:
            self.stdout.write(f"  {part.email:24} {part.role.label}")
        if present:
            self.stdout.write(f"  password of all of them: {PASSWORD}")
