from django.apps import AppConfig


class GatesConfig(AppConfig):
    name = "revops.kernel.gates"
    label = "gates"
    verbose_name = "Gates and exceptions"
