"""The condition builder of a list: its panel, one more row of it, and the address it leads to."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect

from revops.kernel.audit import Blocked
from revops.kernel.policies.rules import RuleError
from revops.kernel.records.listing import where
from revops.kernel.records.registry import RecordType
from revops.web import building, condition_words, preferences, refusals
from revops.web.access_rows import record
from revops.web.building import Group, Row
from revops.web.condition_rows import Source, asked, of_group
from revops.web.rendering import show
from revops.web.views.menus import back_to


@record(GET="view")
def builder(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show the condition of a list as rows to change; an empty row where there is none."""
    address = back_to(request, record_type, request.GET.urlencode())
    zone = preferences.of(request.user).zone
    refusal, root = None, Group("all", (Row(),))
    if text := address.parameters.get("where", ""):
        try:
            root = building.shown(where.read(record_type, request.user, text).body, record_type, zone)
        except (RuleError, ValueError) as error:
            refusal = _refusal(error, text)
    return _panel(request, record_type, root, request.GET.urlencode(), refusal)


@record(GET="view")
def condition_row(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Show one row with the operators and the value that fit its field, or one more group."""
    given = request.GET
    if given.get("group"):
        depth = min(building.DEEPEST, int(given["group"]) if given["group"] in ("2", "3") else 2)
        part = of_group(_source(record_type, request.user), Group("any", (Row(),)), request.user, depth)
        return show(
            request, "records/list/builder_group.html", {"part": part, "type": record_type}, fragment=True
        )
    part = asked(_source(record_type, request.user), given, request.user)
    return show(request, "records/list/builder_row.html", {"part": part, "type": record_type}, fragment=True)


@record(GET="view")
def build(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Turn the rows of the builder into the address of a list, and go there; or say beside each what is wrong."""
    back = request.GET.get("back", "")
    address = back_to(request, record_type, back)
    try:
        root = building.read(request.GET.get("draft", ""))
    except ValueError:
        return HttpResponseBadRequest("These are no conditions.")
    body = building.condition(root, record_type, preferences.of(request.user).zone)
    try:
        if body is not None:
            where.parse(record_type, request.user, body)
            where.load(where.dump(body))
    except (RuleError, ValueError) as error:
        problems = error.problems if isinstance(error, RuleError) else ()
        held: Any = building.against(root, problems)
        return _panel(request, record_type, held, back, _refusal(error, where.dump(body)), status=422)
    return HttpResponseRedirect(address.to(where=where.dump(body) if body is not None else None))


def _refusal(error: Exception, text: str) -> refusals.Refusal:
    """Return what to show of a condition that does not fit."""
    if isinstance(error, RuleError):
        return refusals.of(Blocked(where.findings(error)), "These conditions cannot be asked")
    wrong = Blocked.because(
        "LST-001", f"where: use {error}.", field="where", found=text[:80], needed=str(error)
    )
    return refusals.of(wrong, "These conditions cannot be asked")


def _panel(
    request: HttpRequest,
    record_type: RecordType,
    root: Group,
    back: str,
    refusal: refusals.Refusal | None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "type": record_type,
        "root": of_group(_source(record_type, request.user), root, request.user),
        "back": back,
        "refusal": refusal if not _told(root) else None,
    }
    answer = show(request, "records/list/builder.html", context, status=status, fragment=True)
    if refusal is not None:
        answer["HX-Retarget"], answer["HX-Reswap"] = "#builder", "innerHTML"
        answer["HX-Push-Url"] = "false"
    return answer


def _told(part: Row | Group) -> bool:
    """Say whether what is wrong stands beside a row already."""
    return bool(part.problems) if isinstance(part, Row) else any(map(_told, part.parts))


def _source(record_type: RecordType, user: Any) -> Source:
    """Return what the conditions of a list may ask."""
    askable = where.askable(record_type, user)
    return Source(record_type.slug, askable, lambda raw: _said(record_type, raw, user), where.dump)


def _said(record_type: RecordType, raw: Any, user: Any) -> str:
    """Return a condition that has no row in words, or as it is where it does not fit."""
    try:
        rule = where.parse(record_type, user, raw)
    except RuleError:
        return where.dump(raw)
    return condition_words.said(rule.root, condition_words.names(record_type, rule.root, user), raw)
