"""A draft in its form: read, run over the records there are while it is typed, stored as a version."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django_htmx.http import HttpResponseClientRedirect

from revops.kernel.audit import Blocked, Conflict
from revops.kernel.identity.models import User
from revops.kernel.policies import describing, simulating
from revops.kernel.policies.actions import draft_version, edit_draft
from revops.kernel.policies.enums import Status
from revops.web import building, condition_rows, preferences, refusals
from revops.web.access_rows import page
from revops.web.rendering import is_fragment, show
from revops.web.rules import conditions, drafting, filled, impacts, parts, readers, told, vocabulary
from revops.web.rules.drafting import Draft
from revops.web.rules.standing import Standing
from revops.web.rules.told import Told
from revops.web.views.forms import whole
from revops.web.views.rules import rule as rule_views

CHECK, SAVE, IMPACT, FILE = "check", "save", "impact", "csv"


@page("GET", "POST")
def draft_page(request: HttpRequest, key: str) -> HttpResponseBase:
    """Show the form of a draft and do what its buttons say.

    `?from=` names the version to begin with, by default what is in force; `?edit=` the draft to write over. The same
    address answers what the draft would change (`do=impact`, `do=csv`), a deed on its lists, and stores it (`do=save`).
    """
    user = readers.reader(request.user)
    readers.require_drafts(user)
    one = rule_views.find(user, key)
    edits = _named(one, request, "edit")
    if edits is not None and edits.status != Status.DRAFT:
        raise Http404
    if request.method != "POST":
        basis = edits or _named(one, request, "from") or one.main
        return _form(request, one, drafting.begun(one.document, basis, edits=edits is not None))
    draft = drafting.sent(one.document, request.POST, preferences.of(user).zone, edits)
    deed = request.POST.get("do", SAVE)[:500]
    if deed in (IMPACT, FILE):
        return _impact(request, user, draft, as_file=deed == FILE)
    if deed == SAVE:
        return _save(request, user, one, draft)
    draft.body = filled.done(parts.body_shape(one.document), draft.body, deed)
    if deed == CHECK:
        draft.check()
    return _form(request, one, draft, deed=deed)


def _named(one: Standing, request: HttpRequest, name: str) -> Told | None:
    """Return the version that the address names. Raises Http404 for one that the rule does not have."""
    given = request.GET.get(name, "")
    if not given:
        return None
    pk = whole(given)
    found = one.of(pk) if pk is not None else None
    if found is None:
        raise Http404
    return found


def _form(
    request: HttpRequest,
    one: Standing,
    draft: Draft,
    *,
    refusal: refusals.Refusal | None = None,
    deed: str = "",
    status: int = 200,
) -> HttpResponse:
    zone = preferences.of(request.user).zone
    name, _, place = deed.partition(":")
    root, rest = drafting.laid(draft, request.user, zone, opened=_opened(draft, name, place))
    context = {
        "rule": one,
        "draft": draft,
        "root": root,
        "rest": rest,
        "wrong": len(draft.problems),
        "inputs": drafting.inputs(draft, refusal.findings if refusal else ()),
        "refusal": refusal,
        "here": request.get_full_path(),
        "focus": _opened(draft, name, place).replace("/", "-") if name in ("add", "up", "down") else "",
        "zone": zone,
    }
    alone = is_fragment(request) and bool(deed)
    template = "rules/draft/form.html" if alone else "rules/draft/page.html"
    return show(request, template, context, status=status, fragment=alone)


def _opened(draft: Draft, name: str, place: str) -> str:
    """Return which part one goes on with after a deed: the item that came or moved."""
    path = place.removeprefix(filled.ROOT).strip("/").split("/")
    if name == "add":
        held = filled.found_at(draft.body, path)
        return f"{place}/{len(held) - 1}" if isinstance(held, list | dict) and held else place
    if name in ("up", "down") and path[-1].isdigit():
        return f"{place.rpartition('/')[0]}/{max(0, int(path[-1]) + (1 if name == 'down' else -1))}"
    return ""


def _save(request: HttpRequest, user: User, one: Standing, draft: Draft) -> HttpResponse:
    """Store the draft as a version, or say beside each field what is wrong."""
    draft.check()
    try:
        stored = _stored(user, draft)
    except (Blocked, Conflict) as error:
        shown = refusals.of(error, "The draft was not saved", fields=["mode", "source_note"])
        others = tuple(finding for finding in shown.findings if finding.field != "body")
        refusal = refusals.Refusal(shown.title, others, shown.fields) if others else None
        status = 409 if isinstance(error, Conflict) else 422
        return _form(request, one, draft, refusal=refusal, deed=CHECK, status=status)
    messages.success(request, f"Version {stored.n} is drafted. Nothing has changed yet.")
    address = told.version_url(stored.pk)
    return HttpResponseClientRedirect(address) if is_fragment(request) else HttpResponseRedirect(address)


def _stored(user: User, draft: Draft) -> Any:
    said: dict[str, Any] = {
        "body": draft.body,
        "mode": draft.mode,
        "source_note": draft.source,
        "migrate": draft.migrate,
    }
    if draft.edits is not None:
        return edit_draft(by=user, pk=draft.edits.pk, version=draft.version or None, **said)
    return draft_version(by=user, key=draft.document.key, scope=draft.scope, **said)


def _impact(request: HttpRequest, user: User, draft: Draft, *, as_file: bool) -> HttpResponseBase:
    """Show what the draft would change, or send the changed records as a file; for a body that does not fit, say so."""
    key, scope = draft.document.key, draft.scope
    try:
        if draft.problems:
            raise Blocked(())
        found = simulating.simulate(key, body=draft.body, mode=draft.mode or None, scope=scope, by=user)
    except Blocked as error:
        draft.check()
        told_so = [f"{one.position or '/'}: {one.message}" for one in draft.problems]
        context: dict[str, Any] = {"wrong": (told_so or [one.message for one in error.findings])[:5]}
        return show(
            request, "rules/draft/impact.html", context, fragment=True, status=422 if as_file else 200
        )
    if as_file:
        return impacts.file(found, f"{key}-draft")
    return show(request, "rules/draft/impact.html", {"shown": impacts.shown(found, user)}, fragment=True)


@page("GET", "POST")
def condition(request: HttpRequest, key: str) -> HttpResponse:
    """GET: one more row or group of the builder. POST: one condition of the form, to be read or changed (`as=`)."""
    user = readers.reader(request.user)
    readers.require_drafts(user)
    one = rule_views.find(user, key)
    if request.method == "GET":
        return _row(request, one)
    name = request.GET.get("name", "")[:200]
    way = request.GET.get("as", "words")
    zone = preferences.of(user).zone
    shape = _shape_at(one, name)
    reader = filled.Reader(request.POST, conditions.rows(one.document, zone))
    value = reader.one(shape, name)
    if way == "none":
        value = None
    schema = describing.vocabulary(one.document)
    builder = parts.Builder(one.document, vocabulary.of(schema) if schema else None)
    part = builder.part(shape, filled.ABSENT if value is None else value, name)
    part.problems = [f"{problem.message}. Found {problem.found}." for problem in reader.problems]
    if way in ("rows", "json") or part.problems:
        part.editor = conditions.editor(one.document, part, user, zone, "json" if part.problems else way)
    context = {"part": part, "rule": one, "focus": True}
    return show(request, "rules/draft/condition.html", context, fragment=True)


def _shape_at(one: Standing, name: str) -> describing.Shape:
    """Return the shape of the condition that an address names. Raises Http404 for what is none."""
    shape: describing.Shape | None = parts.body_shape(one.document)
    for step in [each for each in name.removeprefix(filled.ROOT).split("/") if each]:
        if shape is not None:
            shape = next((each for each in shape.fields if each.name == step), shape.item)
    if shape is None or shape.kind != "condition":
        raise Http404
    return shape


def _row(request: HttpRequest, one: Standing) -> HttpResponse:
    """Show one row with the operators and the value that fit its field, or one more group."""
    schema = describing.vocabulary(one.document)
    if schema is None:
        raise Http404
    source = vocabulary.of(schema).source(one.document.key)
    context: dict[str, Any] = {"type": {"slug": source.slug}}
    given = request.GET
    if given.get("group"):
        depth = min(building.DEEPEST, int(given["group"]) if given["group"] in ("2", "3") else 2)
        group = building.Group("any", (building.Row(),))
        context["part"] = condition_rows.of_group(source, group, request.user, depth)
        return show(request, "records/list/builder_group.html", context, fragment=True)
    context["part"] = condition_rows.asked(source, given, request.user)
    return show(request, "records/list/builder_row.html", context, fragment=True)
