"""Addresses of the opportunities domain: of its records, made by the shell, and of the pages about many of them."""

from django.urls import path

from opportunities.views import attempts, hygiene, reasons
from revops.web.urls import record_urls

DEAL = {"label": "opportunities.opportunity"}

urlpatterns = [
    *record_urls("opportunities.opportunity"),
    *record_urls("opportunities.stageevidence"),
    path("hygiene/", hygiene.hygiene_page, DEAL, name="hygiene"),
    path("hygiene/export.csv", hygiene.hygiene_file, DEAL, name="hygiene-file"),
    path("reasons/", reasons.reasons_page, DEAL, name="reasons"),
    path("reasons/uses/", reasons.uses_page, DEAL, name="reason-uses"),
    path("gate-attempts/", attempts.attempts_page, {"label": "gates.gateattempt"}, name="gate-attempts"),
]
