from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "Governance"

    def ready(self) -> None:
        from governance import facts, permissions  # noqa: F401, I001 - facts first: policies ask for them
        from governance import policies, receivers, records, tasks  # noqa: F401
        from governance.queries import work  # noqa: F401
        from governance.actions.rfcs import approving  # noqa: F401
