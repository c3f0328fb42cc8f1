from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "revops.kernel.policies"
    label = "policies"
    verbose_name = "Policies"
