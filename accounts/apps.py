from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import api, facts, mappings, metrics, permissions, policies, receivers, records  # noqa: F401
        from accounts.queries import home, timeline, work  # noqa: F401
