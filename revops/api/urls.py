"""The addresses of the API, version 1; the last pattern answers for all others."""

from django.urls import path, re_path

from revops.api import (
    bulk,
    exports,
    follows,
    me,
    measures,
    notices,
    packets,
    personal,
    routes,
    saved_views,
    searching,
    tokens,
    work,
)
from revops.api.approvals import routes as approvals
from revops.api.imports import routes as imports
from revops.api.people import routes as people
from revops.api.policies import routes as policies
from revops.api.schema import views as schema
from revops.api.views import UnknownAddress

urlpatterns = [
    path("me/", me.Me.as_view(), name="api-me"),
    path("search/", searching.Search.as_view(), name="api-search"),
    path("tokens/", tokens.Tokens.as_view(), name="api-tokens"),
    path("tokens/<record_id:id>/", tokens.OneToken.as_view(), name="api-token"),
    path("bulk-runs/", bulk.BulkRuns.as_view(), name="api-bulk-runs"),
    path("bulk-runs/<record_id:id>/", bulk.OneBulkRun.as_view(), name="api-bulk-run"),
    path("bulk-runs/<record_id:id>/preview/", bulk.BulkRunPreview.as_view(), name="api-bulk-run-preview"),
    path("bulk-runs/<record_id:id>/items/", bulk.BulkRunItems.as_view(), name="api-bulk-run-items"),
    path("bulk-runs/<record_id:id>/start/", bulk.BulkRunStart.as_view(), name="api-bulk-run-start"),
    path("bulk-runs/<record_id:id>/undo/", bulk.BulkRunUndo.as_view(), name="api-bulk-run-undo"),
    path("exports/", exports.Exports.as_view(), name="api-exports"),
    path("exports/<record_id:id>/", exports.OneExport.as_view(), name="api-export"),
    path("exports/<record_id:id>/approve/", exports.Approval.as_view(), name="api-export-approve"),
    path("exports/<record_id:id>/reject/", exports.Rejection.as_view(), name="api-export-reject"),
    path("exports/<record_id:id>/file/", exports.ExportFile.as_view(), name="api-export-file"),
    *saved_views.patterns(),
    *measures.patterns(),
    path("schema/", schema.Document.as_view(), name="api-schema"),
    path("docs/", schema.page, name="api-docs"),
    *imports.patterns(),
    *packets.patterns(),
    *approvals.patterns(),
    *work.patterns(),
    *notices.patterns(),
    *follows.patterns(),
    *personal.patterns(),
    *routes.patterns(),
    *people.patterns(),
    *policies.patterns(),
    re_path(r"^.*$", UnknownAddress.as_view(), name="api-unknown"),
]
