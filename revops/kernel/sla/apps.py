from django.apps import AppConfig


class SlaConfig(AppConfig):
    name = "revops.kernel.sla"
    label = "sla"
    verbose_name = "SLA clocks"

    def ready(self) -> None:
        from revops.kernel import audit
        from revops.kernel.sla import following, permissions, polling  # noqa: F401

        audit.on_change("sla", following.follow)
