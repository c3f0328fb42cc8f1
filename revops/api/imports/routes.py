"""The addresses of imports, each with the row of the access matrix it asks."""

from collections.abc import Mapping
from typing import Any

from django.urls import URLPattern, path

from revops.api.access_rows import AccessRow
from revops.api.imports import views

OF = "of exchange.importdraft"
_ONE = "imports/<record_id:id>/"
# The right that each step asks.
STEPS = {"check": "edit", "recheck": "edit", "commit": "commit", "revert": "revert"}


def patterns() -> list[URLPattern]:
    """Return the list, one import, its steps and its files."""
    steps = [
        path(
            f"{_ONE}{step}/",
            _asking(views.Step.as_view(step=step), {"POST": f"{right} {OF}"}),
            name=f"api-import-{step}",
        )
        for step, right in STEPS.items()
    ]
    seen = {"GET": f"view {OF}"}
    return [
        path(
            "imports/",
            _asking(views.Imports.as_view(), {**seen, "POST": f"create {OF}"}),
            name="api-imports",
        ),
        path(
            _ONE,
            _asking(views.OneImport.as_view(), {**seen, "PATCH": f"edit {OF}", "DELETE": f"edit {OF}"}),
            name="api-import",
        ),
        *steps,
        path(f"{_ONE}findings/", _asking(views.Findings.as_view(), seen), name="api-import-findings"),
        path(
            f"{_ONE}repairs/",
            _asking(views.Repairs.as_view(), {**seen, "PUT": f"edit {OF}"}),
            name="api-import-repairs",
        ),
        path(f"{_ONE}error-file/", _asking(views.ErrorFile.as_view(), seen), name="api-import-error-file"),
        path(
            f"{_ONE}revert-plan/",
            _asking(views.RevertPlan.as_view(), {"GET": f"revert {OF}"}),
            name="api-import-revert-plan",
        ),
    ]


def _asking(view: Any, methods: Mapping[str, str]) -> Any:
    view.access_row = AccessRow(methods)
    return view
