from typing import Any

from django.core.management.base import BaseCommand

from revops.demo import loading


class Command(BaseCommand):
    help = "Load the demo company once; does nothing where people exist already."

    def handle(self, *args: Any, **options: Any) -> None:
        if loading.is_loaded():
            self.stdout.write("People exist already; the demo company is not loaded.")
            return
        loaded = ", ".join(f"{number} {kind}" for kind, number in loading.load().items())
        self.stdout.write(f"Demo company loaded: {loaded}.")
