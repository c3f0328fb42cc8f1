"""Set-up data of the opportunities domain in the Django admin."""

from django.contrib import admin

from opportunities.models import Reason, UseCase


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin):
    list_display = ("label", "kind", "code", "requires_competitor", "requires_text", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("label", "code")


@admin.register(UseCase)
class UseCaseAdmin(admin.ModelAdmin):
    list_display = ("label", "code", "is_active")
    list_filter = ("is_active",)
    search_fields = ("label", "code")
