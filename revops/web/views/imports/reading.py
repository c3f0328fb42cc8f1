"""The steps that say how a file is read: what was found in it, which column fills which field, what words mean."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from revops.kernel.exchange.drafts import wizard
from revops.kernel.exchange.drafts.models import EDITABLE, DraftState
from revops.web import import_steps
from revops.web.access_rows import page
from revops.web.import_mapping import MappingTable
from revops.web.views.imports import drafts

ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("cp1252", "Windows, Western Europe (cp1252)"),
    ("cp1250", "Windows, Central Europe (cp1250)"),
    ("cp1251", "Windows, Cyrillic (cp1251)"),
    ("iso8859-1", "ISO 8859-1"),
    ("iso8859-15", "ISO 8859-15"),
    ("mac-roman", "Mac Roman"),
    ("shift_jis", "Japanese (Shift JIS)"),
    ("gb18030", "Chinese (GB 18030)"),
    ("euc_kr", "Korean (EUC-KR)"),
)
DELIMITERS = (("comma", "Comma"), ("semicolon", "Semicolon"), ("tab", "Tab"), ("pipe", "Vertical bar"))
_SIGNS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_OPTIONS = ("encoding", "delimiter", "sheet", "header_line")


@page("GET", "POST")
def read_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what reading the file found; take other options and the answers to open questions."""
    draft, user = drafts.find(request, pk), drafts.who(request)
    refusal = None
    if request.method == "POST":
        if "answers" in request.POST:
            given = {
                name.removeprefix("answer-"): text for name, text in _named(request.POST, "answer-").items()
            }
            refusal = drafts.tried(
                lambda: wizard.answer(by=user, pk=pk, answers=given), "Nothing was answered"
            )
            if refusal is None and "next" in request.POST:
                return drafts.go(request, import_steps.url(draft, "map"))
        else:
            options = _options(request.POST)
            refusal = drafts.tried(
                lambda: wizard.set_options(by=user, pk=pk, options=options), "The file was not read again"
            )
        draft = drafts.find(request, pk)
    if DraftState(draft.state).is_working:
        return drafts.render(request, draft, "read", refusal=refusal)
    if draft.state == DraftState.REFUSED:
        return drafts.render(request, draft, "read", refusal=refusal, trouble=draft.trouble)
    look = wizard.look(draft)
    context = {
        "look": look,
        "questions": [one for one in look.questions if one.is_needed or one.answer],
        "asking": bool(look.open_questions),
        "preview": [
            {"line": line, "cells": cells} for line, cells in zip(look.lines, look.preview, strict=False)
        ],
        "encodings": _with(ENCODINGS, look.encoding),
        "delimiters": _with(DELIMITERS, _SIGNS.get(look.delimiter, look.delimiter)),
        "encoding": look.encoding,
        "delimiter": _SIGNS.get(look.delimiter, look.delimiter),
        "editable": draft.state in EDITABLE,
    }
    return drafts.render(request, draft, "read", refusal=refusal, **context)


def _options(form: QueryDict) -> dict[str, Any]:
    """Return the options that the form names; a header line that is no number is refused by the face, in words."""
    given: dict[str, Any] = {name: str(form[name]) for name in _OPTIONS if name in form}
    line = given.get("header_line", "")
    if line.isascii() and line.isdigit() and len(line) < 8:
        given["header_line"] = int(line)
    return given


def _with(known: tuple[tuple[str, str], ...], held: str) -> list[tuple[str, str]]:
    """Return the choices, the one that holds among them."""
    return [*known] if not held or held in dict(known) else [*known, (held, held)]


def _named(form: QueryDict, prefix: str) -> dict[str, str]:
    return {name: str(form[name]) for name in form if name.startswith(prefix)}


@page("GET", "POST")
def map_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show which column becomes what; take a ready mapping, decisions by hand, constants, a name to keep it by."""
    draft = drafts.find(request, pk)
    refusal, saved = None, ""
    if request.method == "POST":
        refusal, saved = _map(request, pk)
        draft = drafts.find(request, pk)
        if refusal is None and request.POST.get("do") == "next" and not DraftState(draft.state).is_working:
            asks = wizard.look(draft).open_questions
            return drafts.go(request, import_steps.url(draft, "read" if asks else "values"))
    if DraftState(draft.state).is_working or draft.state == DraftState.REFUSED:
        return drafts.render(request, draft, "map", refusal=refusal)
    table = MappingTable(wizard.mapping(draft, by=drafts.who(request)))
    return drafts.render(request, draft, "map", refusal=refusal, table=table, saved=saved)


def _map(request: HttpRequest, pk: int) -> tuple[Any, str]:
    """Do what the mapping page's button says; return the refusal and the name under which it was saved."""
    user, form = drafts.who(request), request.POST
    match form.get("do", ""):
        case "take":
            key = form.get("key", "")
            return drafts.tried(
                lambda: wizard.take_mapping(by=user, pk=pk, key=key), "The mapping was not taken"
            ), ""
        case "save":
            name = form.get("name", "").strip()
            refusal = drafts.tried(
                lambda: wizard.save_mapping(by=user, pk=pk, name=name, shared=form.get("shared") == "true"),
                "The mapping was not saved",
            )
            return refusal, "" if refusal else name
    columns, constants = _columns(form), _constants(form)
    options = {"migration": form.get("migration") == "true", "system": form.get("system", "").strip()}

    def decide() -> None:
        if "migration-shown" in form:
            wizard.set_options(by=user, pk=pk, options=options)
        wizard.map_columns(by=user, pk=pk, columns=columns, constants=constants)

    return drafts.tried(decide, "The mapping was not changed"), ""


def _columns(form: QueryDict) -> dict[int, list[str]]:
    """Return by place what each column becomes; a column that fills two fields has two selects."""
    found: dict[int, list[str]] = {}
    for name in form:
        place = name.removeprefix("column-")
        if name != place and place.isascii() and place.isdigit() and len(place) < 6:
            found[int(place)] = list(dict.fromkeys(text for text in form.getlist(name) if text))
    return found


def _constants(form: QueryDict) -> dict[str, str]:
    pairs = zip(form.getlist("constant-field"), form.getlist("constant-text"), strict=False)
    return {field: text for field, text in pairs if field and text.strip()}


@page("GET", "POST")
def values_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once for each word of the file that is none of our choices."""
    draft = drafts.find(request, pk)
    refusal = None
    if request.method == "POST":
        given: dict[str, dict[str, str]] = {}
        rows = zip(
            request.POST.getlist("field"),
            request.POST.getlist("word"),
            request.POST.getlist("choice"),
            strict=False,
        )
        for field, word, choice in rows:
            given.setdefault(field, {})[word] = choice
        refusal = drafts.tried(
            lambda: wizard.map_values(by=drafts.who(request), pk=pk, values=given), "The words were not kept"
        )
        if refusal is None:
            return drafts.go(request, import_steps.url(draft, "check"))
        draft = drafts.find(request, pk)
    if DraftState(draft.state).is_working or draft.state == DraftState.REFUSED:
        return drafts.render(request, draft, "values", refusal=refusal)
    words = wizard.unlisted(draft)
    return drafts.render(
        request, draft, "values", refusal=refusal, words=words, waiting=sum(not one.choice for one in words)
    )
