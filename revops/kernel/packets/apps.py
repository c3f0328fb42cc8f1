from django.apps import AppConfig


class PacketsConfig(AppConfig):
    name = "revops.kernel.packets"
    label = "packets"
    verbose_name = "Packets and obligations"

    def ready(self) -> None:
        from revops.kernel.packets import permissions  # noqa: F401
