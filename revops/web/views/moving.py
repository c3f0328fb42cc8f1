"""Moving one card of a board: the app's own action, asked for what it lacks where it lacks something."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from revops.kernel.audit import Blocked, Conflict
from revops.kernel.people import access
from revops.kernel.records import boards as declared
from revops.kernel.records.boards import Deed, Move
from revops.kernel.records.registry import Field, RecordType
from revops.web import boards, inputs, preferences, properties, refusals, supplies
from revops.web.access_rows import record
from revops.web.properties import Sheet
from revops.web.rendering import show
from revops.web.views.forms import whole
from revops.web.views.record import sheet


@record(GET="view", POST="view")
def move(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Draw one card anew, or bring it into a column. What refuses says so, and asks for what would let it pass."""
    shown = sheet(request, record_type, pk)
    by = _by(shown, (request.POST or request.GET).get("by", ""))
    if request.method == "GET":
        return _answer(request, _fresh(request, record_type, pk, by), 200)
    to = request.POST.get("to", "")
    value = "" if to == boards.NONE else to
    if value and value not in dict(by.choices):
        raise Http404
    way = declared.mover(record_type, by).way(shown.record, value)
    if way is None:
        return _refused(request, shown, by, _no_way(shown, by, value), 422)
    if way.right:
        access.require(request.user, way.right, shown.record)
    if not way.right and by.name not in shown.allowed:
        raise access.Forbidden(
            f"Your role may not change {by.label.lower()} of this {record_type.singular.lower()}."
        )
    return _moved(request, shown, by, way)


def _by(shown: Sheet, name: str) -> Field:
    """Return the field of the board. Raises Http404 for one that this reader cannot group by."""
    offered = declared.groupable(shown.record_type, shown.user)
    found = next((one for one in offered if one.name == name), None)
    if found is None:
        raise Http404
    return found


def _moved(request: HttpRequest, shown: Sheet, by: Field, way: Move) -> HttpResponse:
    kind, pk = shown.record_type, shown.record.pk
    filled = [one for one in shown.fields if one.name in shown.editable] if way.fills else []
    values = inputs.posted(way.fields, request.POST, request.user)
    changes = inputs.posted([one for one in filled if one not in way.fields], request.POST, request.user)
    changes.pop(by.name, None)
    deeds = supplies.posted(shown, way, request.POST)
    try:
        way.run(
            by=request.user,
            pk=pk,
            values=values,
            changes=changes,
            version=whole(request.POST.get("version", "")),
            reason=request.POST.get("reason", "")[:500],
            deeds=deeds,
        )
    except kind.model.DoesNotExist:
        raise Http404 from None
    except Conflict as error:
        return _refused(request, shown, by, refusals.of(error), 409)
    except Blocked as error:
        return _asked(request, shown, by, way, error, changes, deeds)
    said = f"{kind.singular} moved"
    return _answer(request, _fresh(request, kind, pk, by) | {"said": said}, 200)


def _asked(
    request: HttpRequest,
    shown: Sheet,
    by: Field,
    way: Move,
    error: Blocked,
    changes: dict[str, str],
    deeds: Sequence[Deed],
) -> HttpResponse:
    """Refuse, with inputs for everything that may be supplied here."""
    own, first = {one.name for one in way.fields}, "asked" not in request.POST
    fields = _asks(shown, way, [finding.field for finding in error.findings], list(changes))
    refusal = refusals.of(error, "This cannot move yet", fields=[one.name for one in fields])
    # What the action asks anyway is asked before it is held against anybody.
    said = {name: found for name, found in refusal.by_field.items() if not (first and name in own)}
    asked = [one for one in way.fields if not one.silent]
    forms = supplies.forms(shown, way, error, deeds)
    if not fields and not asked and not forms and not refusal.may_go_on:
        return _refused(request, shown, by, refusal, 422)
    texts = {one.name: request.POST.get(one.name, "") for one in fields}
    told = {*texts, "reason"} | supplies.named(forms)
    rest = [one for one in error.findings if one.field not in told]
    context = {
        "inputs": [inputs.make(one, texts[one.name], user=request.user, findings=said) for one in fields],
        "forms": forms,
        "warned": refusals.Refusal("", tuple(one for one in error.findings if one.warning)),
        "may_go_on": refusal.may_go_on,
        "rest": refusals.Refusal(refusal.title, tuple(rest)) if rest else None,
        "reason": request.POST.get("reason", ""),
        "reason_findings": refusal.by_field.get("reason", ()),
        "asks_reason": bool(asked) or "reason" in refusal.by_field,
        "title": way.label,
        "name": shown.title,
        "posted": {
            "by": by.name,
            "to": request.POST.get("to", ""),
            "version": request.POST.get("version", ""),
            "asked": "1",
        },
        "url": f"{shown.record_type.url(shown.record.pk)}move/",
    }
    return _answer(request, context | {"asks": True}, 422)


def _asks(shown: Sheet, way: Move, missing: Sequence[str], given: Sequence[str]) -> list[Field]:
    """Return the fields to ask for: the action's own, then those of the record that stand in its way."""
    card = declared.of(shown.record_type).card
    wanted = {*missing, *given} | ({card.step} if card.step_on in missing else set())
    fields = [one for one in way.fields if not one.silent]
    if way.fills:
        names = {one.name for one in way.fields}
        fields += [
            one
            for one in shown.fields
            if one.name in wanted and one.name in shown.editable and one.name not in names
        ]
    return fields


def _refused(
    request: HttpRequest, shown: Sheet, by: Field, refusal: refusals.Refusal, status: int
) -> HttpResponse:
    """Refuse with the card as it stands now, so that the next try starts from there."""
    fresh = _fresh(request, shown.record_type, shown.record.pk, by) if status == 409 else {}
    context = {"refusal": refusal, "url": shown.record_type.url(shown.record.pk), "name": shown.title}
    return _answer(request, context | fresh, status)


def _no_way(shown: Sheet, by: Field, value: str) -> refusals.Refusal:
    kind = shown.record_type
    label = dict(by.choices).get(value, boards.NONE)
    message = (
        f"Nobody brings a {kind.singular.lower()} into “{label}” by hand. "
        f"Open the {kind.singular.lower()} to see what it may become."
    )
    return refusals.of(
        Blocked.because("BRD-001", message, field=by.name, found=value), "This cannot move there"
    )


def _fresh(request: HttpRequest, record_type: RecordType, pk: int, by: Field) -> dict[str, Any]:
    """Return the card of a record as it is now; nothing where the mover does not see it any more."""
    cards = boards.Cards(record_type, by, request.user, preferences.of(request.user))
    try:
        found = properties.find(record_type, request.user, pk)
    except record_type.model.DoesNotExist:
        return {"card": ""}
    fields = [record_type.by_name[name] for name in cards.names]
    (card,) = cards.drawn([[properties.as_row(found, fields)]])
    return {"card": card}


def _answer(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    return show(request, "records/board/answer.html", context, status=status, fragment=True)
