"""The page of one record: its head, its properties, its panels and its newest versions."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from revops.kernel.audit import reading
from revops.kernel.people import access
from revops.kernel.records.registry import FieldKind, RecordType
from revops.web import cells, preferences, properties, timelines, versions
from revops.web.access_rows import record
from revops.web.rendering import show

RECENT = 5


@record(GET="view")
def record_page(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Show one record."""
    return show(request, "records/record.html", context(request, record_type, pk))


def sheet(request: HttpRequest, record_type: RecordType, pk: int) -> properties.Sheet:
    """Return the record as this reader sees it. Raises Http404 for one they do not."""
    try:
        found = properties.find(record_type, request.user, pk)
    except record_type.model.DoesNotExist:
        raise Http404 from None
    return properties.Sheet(record_type, found, request.user, preferences.of(request.user))


def context(request: HttpRequest, record_type: RecordType, pk: int) -> dict[str, Any]:
    """Return what the record page and its parts show."""
    shown = sheet(request, record_type, pk)
    wide = record_type.extra.get("wide_panels", ())
    panels = [(panel, panel.query(shown.record, request.user)) for panel in record_type.panels]
    band = record_type.extra.get("band_panels", ())
    return head(shown) | {
        "groups": shown.groups(),
        "bands": [(panel, data) for panel, data in panels if panel.key in band],
        "panels": [(panel, data) for panel, data in panels if panel.key in wide],
        "asides": [(panel, data) for panel, data in panels if panel.key not in (*wide, *band)],
        "recent": [] if record_type.timeline else _recent(shown),
        "tab": "overview",
        **timelines.shown_on(shown, {}),
    }


def _recent(shown: properties.Sheet) -> list[versions.Entry]:
    """Return the newest versions, for a record without a timeline; one with it has them under History."""
    names = {field.name for field in shown.fields}
    return versions.entries(shown, reading.history(shown.record, fields=names, limit=RECENT))


def head(shown: properties.Sheet) -> dict[str, Any]:
    """Return what the head of a record needs, on its page and on its history."""
    record_type = shown.record_type
    people = [field.name for field in shown.fields if field.kind is FieldKind.PERSON][:1]
    return {
        "type": record_type,
        "sheet": shown,
        "record": shown.record,
        "url": record_type.url(shown.record.pk),
        "state": [one for one in shown.named([cells.state(record_type)]) if one.html],
        "owner": [one for one in shown.named(people) if one.html],
        "figures": shown.named(record_type.extra.get("figures", ())),
        "can_edit": bool(shown.editable),
        "actions": sorted(
            (
                one
                for one in record_type.actions
                if one.fits(shown.record) and access.allowed(shown.user, one.asks, shown.record)
            ),
            key=lambda one: not one.primary,
        ),
        "title": shown.title,
    }
