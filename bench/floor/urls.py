"""The floor's addresses: for each record type its columns, every field, a page and a create."""

from django.urls import path

from bench.floor.views import CREATED, create, lists

LABELS = {
    "accounts": "accounts.account",
    "leads": "accounts.lead",
    "opportunities": "opportunities.opportunity",
}

urlpatterns = [
    *(path(f"{slug}/{name}/", view) for slug, label in LABELS.items() for name, view in lists(label).items()),
    *(path(f"{slug}/create/", create(model)) for slug, model in CREATED.items()),
]
