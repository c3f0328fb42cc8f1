from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "revops.kernel.policies"
    label = "policies"
    verbose_name = "Policies"

    def ready(self) -> None:
        from revops.kernel import audit
        from revops.kernel.policies import permissions, store, tasks  # noqa: F401

        audit.on_change("policies", store.touch)
