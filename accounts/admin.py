"""Set-up data of the accounts domain in the Django admin."""

from django.contrib import admin

from accounts.models import MailDomain


@admin.register(MailDomain)
class MailDomainAdmin(admin.ModelAdmin):
    list_display = ("domain", "kind", "list_version", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("domain",)
