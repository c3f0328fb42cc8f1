"""The addresses of My work: what waits, how much of it, one after another, and what is done about it."""

from django.urls import path

from revops.web.views import work

urlpatterns = [
    path("my-work/", work.work_page, name="work"),
    path("my-work/through/", work.through, name="work-through"),
    path("my-work/count/", work.badge, name="work-count"),
    path("my-work/<slug:source>/<int:pk>/<slug:name>/", work.deed, name="work-deed"),
]
