"""Addresses of governance: made by the shell from what records declare, and the way from a draft into a request."""

from django.urls import path

from governance import views
from revops.web.urls import record_urls

RFC = {"label": "governance.changerequest"}

urlpatterns = [
    path("rfcs/add/", views.add, RFC, name="rfc-add"),
    path("rfcs/new/", views.new, RFC, name="rfc-new"),
    *record_urls("governance.changerequest"),
    *record_urls("governance.decisionitem"),
]
