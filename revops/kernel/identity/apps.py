from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "revops.kernel.identity"
    label = "identity"
    verbose_name = "Identity"
