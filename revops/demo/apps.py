from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "revops.demo"
    label = "demo"
    verbose_name = "Demo company"
