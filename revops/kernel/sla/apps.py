from django.apps import AppConfig


class SlaConfig(AppConfig):
    name = "revops.kernel.sla"
    label = "sla"
    verbose_name = "SLA clocks"
