from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "revops.kernel.records"
    label = "records"
    verbose_name = "Records"

    def ready(self) -> None:
        from revops.kernel import audit
        from revops.kernel.records import searching
        from revops.kernel.records.views import permissions  # noqa: F401
        from revops.kernel.records.work import tasks  # noqa: F401

        audit.on_change("records", searching.index)
