from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    name = "opportunities"
    verbose_name = "Opportunities"

    def ready(self) -> None:
        from opportunities import api, facts, mappings, metrics, permissions, policies, receivers, records  # noqa: F401
        from opportunities.actions import lapses, transitions  # noqa: F401
        from opportunities.policies import deal_desk, reasons  # noqa: F401
        from opportunities.queries import home, work  # noqa: F401
