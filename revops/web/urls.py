"""The addresses of the pages. `record_urls(label)` makes those of one record type, for an app's own urls.py."""

from django.urls import URLPattern, path

from revops.kernel.records import registry
from revops.web.views import (
    board,
    builder,
    deeds,
    exports,
    forms,
    history,
    home,
    inline,
    jobs,
    likely,
    listing,
    marks,
    menus,
    moving,
    neighbours,
    palette,
    panel,
    personal,
    record,
    saved,
    search,
    timeline,
    viewers,
)
from revops.web.views.imports import checking, committing, reading, starting
from revops.web.views.settings import appearance, profile
from revops.web.views.settings import sessions as session_pages
from revops.web.views.settings import tokens as token_pages


def record_urls(label: str) -> list[URLPattern]:
    """Return list, page, form, inline edit and history of the record type `label`; every name takes `label`."""
    base, kind = registry.get(label).slug, {"label": label}
    one = f"{base}/<int:pk>"
    return [
        path(f"{base}/", listing.list_page, kind, name="record-list"),
        path(f"{base}/new/", forms.new_page, kind, name="record-new"),
        path(f"{base}/filters/", menus.filter_menu, kind, name="record-filters"),
        path(f"{base}/columns/", menus.column_menu, kind, name="record-columns"),
        path(f"{base}/sorts/", menus.sort_menu, kind, name="record-sorts"),
        path(f"{base}/adjust/", menus.adjust, kind, name="record-adjust"),
        path(f"{base}/builder/", builder.builder, kind, name="record-builder"),
        path(f"{base}/condition/", builder.condition_row, kind, name="record-condition"),
        path(f"{base}/build/", builder.build, kind, name="record-build"),
        path(f"{base}/views/", saved.views, kind, name="record-views"),
        path(f"{base}/views/<int:pk>/", saved.settings_page, kind, name="record-view"),
        path(f"{base}/views/<int:pk>/<slug:name>/", saved.deed, kind, name="record-view-deed"),
        path(f"{base}/board/column/", board.column_page, kind, name="record-board-column"),
        path(f"{base}/board/heads/", board.heads, kind, name="record-board-heads"),
        path(f"{base}/totals/", board.totals, kind, name="record-totals"),
        path(f"{base}/likely/", likely.likely_records, kind, name="record-likely"),
        path(f"{base}/options/", search.record_options, kind, name="record-options"),
        path(f"{one}/", record.record_page, kind, name="record-page"),
        path(f"{one}/panel/", panel.panel, kind, name="record-panel"),
        path(f"{one}/neighbours/", neighbours.around, kind, name="record-neighbours"),
        path(f"{one}/access/", viewers.viewers_page, kind, name="record-access"),
        path(f"{one}/move/", moving.move, kind, name="record-move"),
        path(f"{one}/edit/", forms.edit_page, kind, name="record-edit"),
        path(f"{one}/do/<slug:name>/", deeds.action_page, kind, name="record-action"),
        path(f"{one}/field/<slug:name>/", inline.field, kind, name="record-field"),
        path(f"{one}/timeline/", timeline.timeline_page, kind, name="record-timeline"),
        path(f"{one}/compose/<slug:name>/", timeline.compose, kind, name="record-compose"),
        path(f"{one}/history/", history.history_page, kind, name="record-history"),
        path(f"{one}/restore/<int:version>/", history.restore_page, kind, name="record-restore"),
    ]


urlpatterns = [
    path("", home.home, name="home"),
    *record_urls("packets.obligation"),
    path("search/", search.search_page, name="search"),
    path("search/box/", search.search_box, name="search-box"),
    path("palette/", palette.palette, name="palette"),
    path("palette/chosen/", palette.chosen, name="palette-chosen"),
    path("favourites/", marks.favourites, name="favourites"),
    path("visits/", marks.visits, name="visits"),
    path("people/options/", search.people_options, name="people-options"),
    path("options/<str:label>/", search.model_options, name="model-options"),
    path("notifications/", personal.bell, name="notifications"),
    path("notifications/read/", personal.read, name="notifications-read"),
    path("preferences/", appearance.preference_page, name="preferences"),
    path("settings/", profile.start, name="settings"),
    path("settings/profile/", profile.profile_page, name="settings-profile"),
    path("settings/appearance/", appearance.appearance_page, name="settings-appearance"),
    path("settings/sessions/", session_pages.sessions_page, name="settings-sessions"),
    path("settings/sessions/end/", session_pages.end, name="settings-session-end"),
    path("settings/tokens/", token_pages.tokens_page, name="settings-tokens"),
    path("settings/tokens/new/", token_pages.new_page, name="settings-token-new"),
    path("settings/tokens/<int:pk>/revoke/", token_pages.revoke, name="settings-token-revoke"),
    path("exports/", exports.exports_page, name="exports"),
    path("exports/new/", exports.new_page, name="export-new"),
    path("exports/<int:pk>/", exports.export_page, name="export"),
    path("exports/<int:pk>/decide/", exports.decide, name="export-decide"),
    path("exports/<int:pk>/file/", exports.file, name="export-file"),
    path("imports/", starting.list_page, name="imports"),
    path("imports/new/", starting.new_page, name="import-new"),
    path("imports/<int:pk>/", starting.start_page, name="import"),
    path("imports/<int:pk>/progress/", starting.progress, name="import-progress"),
    path("imports/<int:pk>/discard/", starting.discard, name="import-discard"),
    path("imports/<int:pk>/read/", reading.read_page, name="import-read"),
    path("imports/<int:pk>/map/", reading.map_page, name="import-map"),
    path("imports/<int:pk>/values/", reading.values_page, name="import-values"),
    path("imports/<int:pk>/check/", checking.check_page, name="import-check"),
    path("imports/<int:pk>/repair/", checking.repair_page, name="import-repair"),
    path("imports/<int:pk>/cell/", checking.cell, name="import-cell"),
    path("imports/<int:pk>/commit/", committing.commit_page, name="import-commit"),
    path("imports/<int:pk>/report/", committing.report_page, name="import-report"),
    path("imports/<int:pk>/rows/", committing.rows_page, name="import-rows"),
    path("imports/<int:pk>/errors/", committing.error_file, name="import-errors"),
    path("imports/<int:pk>/revert/", committing.revert_page, name="import-revert"),
    path("set-up/jobs/", jobs.jobs_page, name="jobs"),
]
