"""The map of addresses: every app is joined by a dotted string."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("sign-in/", include("revops.web.sign_in_urls")),
    path("api/v1/", include("revops.api.urls")),
    path("", include("revops.api.health_urls")),
    path("", include("accounts.urls")),
    path("", include("opportunities.urls")),
    path("", include("governance.urls")),
    path("", include("governance.definitions.urls")),
    path("", include("revops.web.urls")),
    path("", include("revops.web.rules_urls")),
    path("", include("revops.web.work_urls")),
]

handler400 = "revops.web.errors.bad_request"
handler403 = "revops.web.errors.forbidden"
handler404 = "revops.web.errors.not_found"
handler500 = "revops.web.errors.server_error"
