from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "revops.kernel.approvals"
    label = "approvals"
    verbose_name = "Approvals"

    def ready(self) -> None:
        from revops.kernel import audit
        from revops.kernel.approvals import pacing, permissions, receivers, staling  # noqa: F401

        audit.on_change(staling.OWNER, staling.settle, first=True)
