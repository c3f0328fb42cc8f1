from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "revops.kernel.notifications"
    label = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        from revops.kernel.notifications import broken_rules, digest, sending  # noqa: F401
