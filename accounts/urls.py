"""Addresses of the accounts domain: made by the shell from what records.py declares."""

from revops.web.urls import record_urls

urlpatterns = [
    *record_urls("accounts.account"),
    *record_urls("accounts.activity"),
    *record_urls("accounts.contact"),
    *record_urls("accounts.lead"),
    *record_urls("accounts.product"),
    *record_urls("accounts.campaign"),
]
