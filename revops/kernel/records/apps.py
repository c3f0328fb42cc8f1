from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "revops.kernel.records"
    label = "records"
    verbose_name = "Records"

    def ready(self) -> None:
        from revops.kernel import audit
        from revops.kernel.notifications import notifying
        from revops.kernel.records import notices, searching  # noqa: F401
        from revops.kernel.records.following import telling  # noqa: F401
        from revops.kernel.records.following import work as followed_work  # noqa: F401
        from revops.kernel.records.mentions import reading
        from revops.kernel.records.mentions import work as mentioned_work  # noqa: F401
        from revops.kernel.records.mentions import writing as mentions
        from revops.kernel.records.views import permissions  # noqa: F401
        from revops.kernel.records.work import approvals, clocks, exceptions, packets, tasks  # noqa: F401

        audit.on_change("records", searching.index)
        audit.on_change("records.mentions", mentions.keep)
        notifying.on_read("records.mentions", reading.follow_bell)
