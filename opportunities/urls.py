"""Addresses of the opportunities domain: made by the shell from what records.py declares."""

from revops.web.urls import record_urls

urlpatterns = record_urls("opportunities.opportunity")
