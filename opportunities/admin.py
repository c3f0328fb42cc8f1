"""Set-up data of the opportunities domain in the Django admin."""

from django.contrib import admin
from django.http import HttpRequest

from opportunities.models import Reason, UseCase
from revops.kernel.policies import definitions


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin):
    """Edited directly until set-up mode has ended; from then on `opportunities.reasons` brings the list in line."""

    list_display = ("label", "kind", "code", "requires_competitor", "requires_text", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("label", "code")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not definitions.set_up_ended() and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Reason | None = None) -> bool:
        return not definitions.set_up_ended() and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Reason | None = None) -> bool:
        return not definitions.set_up_ended() and super().has_delete_permission(request, obj)


@admin.register(UseCase)
class UseCaseAdmin(admin.ModelAdmin):
    list_display = ("label", "code", "is_active")
    list_filter = ("is_active",)
    search_fields = ("label", "code")
