"""The page of one record: its head, its properties, its panels and its newest versions."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from revops.kernel.audit import reading
from revops.kernel.people import access
from revops.kernel.records.registry import FieldKind, Panel, RecordType
from revops.web import cells, next_steps, preferences, properties, timelines, versions
from revops.web.access_rows import record
from revops.web.rendering import show
from revops.web.views.following import FollowButton

RECENT = 5
OVERVIEW = "overview"
# The side panel asks with this header, and gets its own head and fewer parts.
PANEL_HEADER = "X-Panel"
_FEW = 5


@record(GET="view")
def record_page(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Show one record, or a part of its page.

    `?as=parts` is what a change made anew, without what somebody may be typing into; `?as=tab` one tab alone;
    `?as=rest` the panels that come after the page.
    """
    wanted = request.GET.get("as", "")
    with access.remembered():
        if wanted == "rest":
            return show(request, "records/aside_rest.html", rest(request, record_type, pk), fragment=True)
        if wanted == "tab":
            shown = _tab(request, sheet(request, record_type, pk))
            return show(request, "records/middle.html", shown, fragment=True)
        shown = context(request, record_type, pk)
        if wanted == "parts":
            return show(request, "records/parts.html", shown | {"saved": True}, fragment=True)
        return show(request, "records/record.html", shown)


def sheet(request: HttpRequest, record_type: RecordType, pk: int) -> properties.Sheet:
    """Return the record as this reader sees it. Raises Http404 for one they do not."""
    try:
        found = properties.find(record_type, request.user, pk)
    except record_type.model.DoesNotExist:
        raise Http404 from None
    return properties.Sheet(record_type, found, request.user, preferences.of(request.user))


def in_panel(request: HttpRequest) -> bool:
    """Say whether the side panel asks, rather than the page of the record."""
    return PANEL_HEADER in request.headers


def context(request: HttpRequest, record_type: RecordType, pk: int) -> dict[str, Any]:
    """Return what the record page, or the side panel, and their parts show."""
    shown = sheet(request, record_type, pk)
    small = in_panel(request)
    step = next_steps.of(shown)
    elsewhere = next_steps.told_by(record_type) if step else ()
    found = head(shown) | {
        "groups": shown.groups(first=record_type.columns if small else (), without=elsewhere),
        "next_step": step,
        "panel": small,
        "tab": OVERVIEW,
    }
    if small:
        return found | timelines.shown_on(shown, {}, limit=_FEW)
    return found | _around(shown) | _tab(request, shown)


def _named(record_type: RecordType, place: str) -> list[Panel]:
    """Return the panels that the type puts in a place of its page, in the order in which it names them."""
    by_key = {panel.key: panel for panel in record_type.panels}
    return [by_key[key] for key in record_type.extra.get(place, ()) if key in by_key]


def _filled(shown: properties.Sheet, panels: Iterable[Panel]) -> list[tuple[Panel, Any]]:
    """Return panels with what they show, without the quiet ones that have nothing to say."""
    quiet = shown.record_type.extra.get("quiet_panels", ())
    found = [(panel, panel.query(shown.record, shown.user)) for panel in panels]
    return [(panel, data) for panel, data in found if data or panel.key not in quiet]


def _plain(shown: properties.Sheet) -> dict[str, Any]:
    """Return what the template of any panel may speak of."""
    record_type, record = shown.record_type, shown.record
    return {"type": record_type, "sheet": shown, "record": record, "url": record_type.url(record.pk)}


def _tab(request: HttpRequest, shown: properties.Sheet) -> dict[str, Any]:
    """Return the tab that is open, the first where the address names none, and the names of the others."""
    record_type = shown.record_type
    tabs = {panel.key: panel for panel in _named(record_type, "wide_panels")}
    tab = request.GET.get("tab", "")
    held = _plain(shown) | {"wide_tabs": tabs.values()}
    if tab in tabs:
        return held | {"tab": tab, "wide": (tabs[tab], tabs[tab].query(shown.record, shown.user))}
    recent = [] if record_type.timeline else _recent(shown)
    return held | {"tab": OVERVIEW, "recent": recent} | timelines.shown_on(shown, {})


def _around(shown: properties.Sheet) -> dict[str, Any]:
    """Return the panels that stand on every tab: above the columns, and beside them.

    What a type names in `ahead` reads at once what several of them need.
    """
    record_type = shown.record_type
    if ahead := record_type.extra.get("ahead"):
        ahead(shown.record, shown.user)
    firsts = _named(record_type, "first_panels")
    late = _late(record_type)
    return {
        "bands": _filled(shown, _named(record_type, "band_panels")),
        "firsts": _filled(shown, firsts),
        "asides": [] if late else _filled(shown, _others(record_type)),
        "late": late,
    }


def _others(record_type: RecordType) -> list[Panel]:
    """Return the panels to which the type gives no place: beside the columns, after the first ones."""
    placed = {
        key
        for place in ("wide_panels", "band_panels", "first_panels")
        for key in record_type.extra.get(place, ())
    }
    return [panel for panel in record_type.panels if panel.key not in placed]


def _late(record_type: RecordType) -> bool:
    """Say whether what stands last beside the columns comes after the page, so that nobody waits for it."""
    return bool(record_type.extra.get("late_asides"))


def rest(request: HttpRequest, record_type: RecordType, pk: int) -> dict[str, Any]:
    """Return the panels that come after the page. Raises Http404 for a record that the reader does not see."""
    shown = sheet(request, record_type, pk)
    panels = _others(record_type) if _late(record_type) else []
    return _plain(shown) | {"asides": _filled(shown, panels)}


def _recent(shown: properties.Sheet) -> list[versions.Entry]:
    """Return the newest versions, for a record without a timeline; one with it has them under History."""
    names = {field.name for field in shown.fields}
    if not reading.keeps_versions(shown.record):
        return []
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
                if one.fits(shown.record)
                and one.may(shown.record, shown.user)
                and access.allowed(shown.user, one.asks, shown.record)
            ),
            key=lambda one: not one.primary,
        ),
        "title": shown.title,
        "follow": FollowButton(shown.user, record_type, shown.record.pk),
    }
