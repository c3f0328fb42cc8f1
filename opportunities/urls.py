"""Addresses of the opportunities domain: of its records, made by the shell, and of the pages about many of them."""

from django.urls import path

from opportunities.views import attempts, funnel, hygiene, inspections, pipeline, reasons
from revops.web.urls import record_urls

DEAL = {"label": "opportunities.opportunity"}
REVIEW = {"label": "opportunities.pipelinereview"}

urlpatterns = [
    *record_urls("opportunities.opportunity"),
    *record_urls("opportunities.stageevidence"),
    path("inspections/", inspections.inspections_page, DEAL, name="inspections"),
    path("inspections/through/", inspections.through, DEAL, name="inspections-through"),
    path("inspections/<int:pk>/", inspections.save, DEAL, name="inspection-save"),
    *record_urls("opportunities.inspectionrecord"),
    path("pipeline-reviews/<int:pk>/export.csv", pipeline.export, REVIEW, name="pipeline-review-file"),
    *record_urls("opportunities.pipelinereview"),
    path("hygiene/", hygiene.hygiene_page, DEAL, name="hygiene"),
    path("hygiene/export.csv", hygiene.hygiene_file, DEAL, name="hygiene-file"),
    path("reasons/", reasons.reasons_page, DEAL, name="reasons"),
    path("reasons/uses/", reasons.uses_page, DEAL, name="reason-uses"),
    path("funnel/", funnel.funnel_page, DEAL, name="funnel"),
    path("gate-attempts/", attempts.attempts_page, {"label": "gates.gateattempt"}, name="gate-attempts"),
]
