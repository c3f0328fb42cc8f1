"""One field of a record, edited where it stands: the same action, the same refusals, the same conflict.

It stands among the properties (no `as`), in a cell of a list (`?as=cell&columns=…`), or beside its day as the next
step (`?as=next`); `?as=text` and `?as=row` show it to read again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from revops.kernel.audit import Blocked, Conflict
from revops.kernel.people import access
from revops.kernel.records.registry import Field, RecordType
from revops.web import conflicts, formatting, inputs, next_steps, refusals
from revops.web.access_rows import record
from revops.web.properties import Sheet
from revops.web.rendering import show
from revops.web.views import record as record_views
from revops.web.views.forms import save, whole

PROPERTY, CELL, NEXT = "", "cell", "next"
_FORMS = {
    PROPERTY: "records/property_form.html",
    CELL: "records/panel/cell_form.html",
    NEXT: "records/panel/next_form.html",
}
_CONFLICTS = {
    PROPERTY: "records/conflict.html",
    CELL: "records/panel/conflict.html",
    NEXT: "records/panel/conflict.html",
}


@dataclass(frozen=True, slots=True)
class Place:
    """What is edited, and where it stands: one field, or the two of the next step."""

    sheet: Sheet
    fields: tuple[Field, ...]
    form: str
    columns: Sequence[str]
    pick: bool

    @property
    def first(self) -> Field:
        return self.fields[0]

    @property
    def url(self) -> str:
        """The address of this form, which comes back to the same place."""
        address = self.sheet.shown(self.first).url
        if self.form == CELL:
            return f"{address}?as=cell&columns={','.join(self.columns)}" + ("&pick=1" if self.pick else "")
        return f"{address}?as=next" if self.form == NEXT else address

    @property
    def back(self) -> str:
        """The address that shows it to read again."""
        if self.form == CELL:
            return self.url.replace("as=cell", "as=row")
        return self.sheet.shown(self.first).url + "?as=text"


@record(GET="view", POST="edit")
def field(request: HttpRequest, record_type: RecordType, pk: int, name: str) -> HttpResponse:
    """Show one field to read or to edit, and save it."""
    shown = record_views.sheet(request, record_type, pk)
    place = _place(request, shown, name)
    wanted = request.GET.get("as")
    if request.method == "GET" and wanted == "text":
        context = {"property": shown.shown(place.first)}
        return show(request, "records/property.html", context, fragment=True)
    if request.method == "GET" and wanted == "row":
        return _row(request, place)
    if not {one.name for one in place.fields} <= shown.allowed:
        raise access.Forbidden(
            f"Your role may not change {place.first.label.lower()} of this {record_type.singular.lower()}."
        )
    return _save(request, place) if request.method == "POST" else _form(request, place)


def _place(request: HttpRequest, shown: Sheet, name: str) -> Place:
    """Return what the address names. Raises Http404 for a field or a column that is not there for this reader."""
    by_name = {one.name: one for one in shown.fields}
    form = {"cell": CELL, "row": CELL, "next": NEXT}.get(request.GET.get("as", ""), PROPERTY)
    names = next_steps.fields_of(shown.record_type) if form == NEXT else (name,)
    columns = [one for one in request.GET.get("columns", "").split(",") if one] if form == CELL else []
    if not names or name != names[0] or not {*names, *columns} <= by_name.keys():
        raise Http404
    fields = tuple(by_name[one] for one in names)
    return Place(shown, fields, form, columns or [name], request.GET.get("pick") == "1")


def _save(request: HttpRequest, place: Place) -> HttpResponse:
    record_type, pk = place.sheet.record_type, place.sheet.record.pk
    version = whole(request.POST.get("version", ""))
    posted = inputs.posted(place.fields, request.POST, request.user)
    try:
        save(request, record_type, pk, version, posted)
    except Blocked as error:
        return _form(request, place, values=posted, refusal=refusals.of(error))
    except Conflict as error:
        return _conflict(request, place, conflicts.compare(record_type, error, request.user, posted))
    told = {"pk": pk, "name": place.first.name, "form": place.form}
    if place.form == CELL:
        fresh = record_views.sheet(request, record_type, pk)
        response = _row(request, _place(request, fresh, place.first.name))
        response["HX-Retarget"] = f'tr[data-pk="{pk}"]'
    else:
        with access.remembered():
            context = record_views.context(request, record_type, pk) | {"saved": True, "of_save": True}
            response = show(request, "records/parts.html", context, fragment=True)
        response["HX-Retarget"] = "#properties"
    response["HX-Reswap"] = "outerHTML"
    response["HX-Trigger-After-Swap"] = json.dumps({"property-saved": told})
    return response


def _row(request: HttpRequest, place: Place) -> HttpResponse:
    """Return the row of a list again, with the columns that it showed."""
    rows = place.sheet.cells.rows([place.sheet.row], place.columns, selectable=place.pick)
    return show(request, "records/panel/row.html", {"rows": rows}, fragment=True)


def _conflict(request: HttpRequest, place: Place, comparison: conflicts.Comparison) -> HttpResponse:
    context = {
        "comparison": comparison,
        "property": place.sheet.shown(place.first),
        "inline": True,
        "place": place,
    }
    response = show(request, _CONFLICTS[place.form], context, status=409, fragment=True)
    if place.form != PROPERTY:
        response["HX-Retarget"] = "#dialog"
        response["HX-Reswap"] = "innerHTML"
    return response


def _form(
    request: HttpRequest,
    place: Place,
    *,
    values: Mapping[str, str] | None = None,
    refusal: refusals.Refusal | None = None,
) -> HttpResponse:
    sheet = place.sheet
    texts = dict(values) if values is not None else _begun(place)
    said = refusal.by_field if refusal else {}
    findings = {place.first.name: refusal.findings} if refusal and len(place.fields) == 1 else said
    context: dict[str, Any] = {
        "property": sheet.shown(place.first),
        "inputs": [
            inputs.make(one, texts.get(one.name, ""), user=request.user, findings=findings)
            for one in place.fields
        ],
        "refusal": refusal if refusal and len(place.fields) > 1 and not {*said} <= {*texts} else None,
        "version": sheet.record.version if values is None else request.POST.get("version", ""),
        "type": sheet.record_type,
        "place": place,
    }
    return show(request, _FORMS[place.form], context, status=422 if refusal else 200, fragment=True)


def _begun(place: Place) -> dict[str, str]:
    """Return what the form begins with; a next step begins with a day ahead."""
    record = place.sheet.record
    texts = {one.name: formatting.as_input(getattr(record, one.attname)) for one in place.fields}
    if place.form == NEXT:
        day = place.fields[1].name
        texts[day] = next_steps.offered(place.sheet, day)
    return texts
