from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "revops.kernel.audit"
    label = "audit"
    verbose_name = "Audit"
