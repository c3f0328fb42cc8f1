from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "revops.kernel.approvals"
    label = "approvals"
    verbose_name = "Approvals"

    def ready(self) -> None:
        from revops.kernel import audit
        from revops.kernel.approvals import pacing, permissions, receivers, staling  # noqa: F401
        from revops.kernel.approvals.actions import leaving
        from revops.kernel.people import offboarding

        offboarding.on_leaving(staling.OWNER, follow=leaving.replace_leaver, foresee=leaving.foresee)
        audit.on_change(staling.OWNER, staling.settle, first=True)
