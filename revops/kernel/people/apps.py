from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "revops.kernel.people"
    label = "people"
    verbose_name = "People"

    def ready(self) -> None:
        from revops.kernel import audit
        from revops.kernel.people import ledger, permissions  # noqa: F401

        audit.on_change("people", ledger.settle)
