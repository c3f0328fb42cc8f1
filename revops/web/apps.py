from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "revops.web"
    label = "web"
    verbose_name = "Pages"

    def ready(self) -> None:
        """Let the Django admin have no sign-in of its own: it would know neither second factor nor lock-out."""
        from allauth.account.decorators import secure_admin_login
        from django.contrib import admin

        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
