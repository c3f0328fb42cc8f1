from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "revops.kernel.approvals"
    label = "approvals"
    verbose_name = "Approvals"
