"""Where a load balancer and an operator ask after the installation's health."""

from django.urls import path

from revops.api import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
