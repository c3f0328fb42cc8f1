"""The addresses of the organisation, each with the row of the access matrix it asks."""

from collections.abc import Mapping
from typing import Any

from django.urls import URLPattern, path

from revops.api.access_rows import AccessRow
from revops.api.people.resources import RESOURCES, USERS, Resource
from revops.api.people.table import DEEDS
from revops.api.people.views import DeedView, OffboardingPlan, Row, Rows, deed


def patterns() -> list[URLPattern]:
    """Return a list, a row and the actions of every resource."""
    found = [pattern for resource in RESOURCES for pattern in _of(resource)]
    plan = _asking(OffboardingPlan.as_view(), {"GET": "deactivate of identity.user"})
    return [
        *found,
        path(f"{USERS.slug}/<record_id:id>/offboarding_plan/", plan, name="api-users-offboarding-plan"),
    ]


def _of(resource: Resource) -> list[URLPattern]:
    made, edited = deed(resource, ""), deed(resource, "edit")
    rows = Rows.as_view(resource=resource, deed=made, http_method_names=_methods("post" if made else ""))
    row = Row.as_view(resource=resource, deed=edited, http_method_names=_methods("patch" if edited else ""))
    seen, label = f"view of {resource.label}", resource.label
    writes = {"POST": f"{made.right} of {label}"} if made else {}
    edits = {"PATCH": f"{edited.right} of {label}"} if edited else {}
    found = [
        path(f"{resource.slug}/", _asking(rows, {"GET": seen, **writes}), name=f"api-{resource.slug}"),
        path(
            f"{resource.slug}/<record_id:id>/",
            _asking(row, {"GET": seen, **edits}),
            name=f"api-{resource.slug}-one",
        ),
    ]
    for one in DEEDS:
        if one.resource is resource and one.name not in ("", "edit"):
            view = DeedView.as_view(resource=resource, deed=one)
            route = f"{resource.slug}/<record_id:id>/{one.name}/"
            asked = _asking(view, {"POST": f"{one.right} of {label}"})
            found.append(path(route, asked, name=f"api-{resource.slug}-{one.name}"))
    return found


def _methods(write: str) -> list[str]:
    return ["get", "head", *([write] if write else [])]


def _asking(view: Any, methods: Mapping[str, str]) -> Any:
    view.access_row = AccessRow(methods)
    return view
