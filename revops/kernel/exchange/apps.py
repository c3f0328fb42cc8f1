from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "revops.kernel.exchange"
    label = "exchange"
    verbose_name = "Import and export"

    def ready(self) -> None:
        from revops.kernel import audit
        from revops.kernel.exchange import claims, home, notices, permissions  # noqa: F401
        from revops.kernel.exchange.bulk import marking
        from revops.kernel.exchange.bulk import notices as bulk_notices  # noqa: F401
        from revops.kernel.exchange.bulk import permissions as bulk_permissions  # noqa: F401
        from revops.kernel.exchange.bulk import tasks as bulk_tasks  # noqa: F401
        from revops.kernel.exchange.drafts import permissions as draft_permissions  # noqa: F401
        from revops.kernel.exchange.drafts import tasks as draft_tasks  # noqa: F401
        from revops.kernel.exchange.exporting import permissions as export_permissions  # noqa: F401
        from revops.kernel.exchange.exporting import tasks as export_tasks  # noqa: F401
        from revops.kernel.exchange.exporting import work as export_work  # noqa: F401
        from revops.kernel.exchange.reverting import before

        audit.on_change("exchange", before.keep, last=True)
        audit.on_change("bulk", marking.note, last=True)
