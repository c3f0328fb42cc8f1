"""What somebody says about a draft's file: options of reading, and answers to the questions it raised."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from revops.kernel.audit import Blocked, Finding
from revops.kernel.exchange.dates import FORMATS
from revops.kernel.exchange.delimiters import named_delimiter
from revops.kernel.exchange.drafts import deciding, questions
from revops.kernel.exchange.drafts.models import ImportDraft
from revops.kernel.exchange.findings import shown
from revops.kernel.exchange.sniffing import ENCODINGS
from revops.kernel.identity.models import User

# What changes how the file is read, so that it is read again.
_READING = frozenset({"encoding", "delimiter", "sheet", "header_line", "hidden"})
_KNOWN = _READING | {"date_format", "decimal", "migration", "system"}
_MOST_HEADER_LINE = 100
_LONGEST_SYSTEM = 26
# Which option the answer to a question about the file as a whole is.
_OF_QUESTION = {
    "encoding": "encoding",
    "delimiter": "delimiter",
    "sheet": "sheet",
    "header": "header_line",
    "hidden": "hidden",
}


def put(*, by: User, pk: int, options: Mapping[str, Any]) -> ImportDraft:
    """Set options; read the file again when they change how it is read. Raises Blocked with every misfit."""
    with transaction.atomic():
        draft = deciding.locked(by, pk)
        deciding.require_idle(draft)
        cleaned, found = _cleaned(draft, options)
        if found:
            raise Blocked(found)
        _write(draft, by, cleaned)
        return draft


def answer(*, by: User, pk: int, answers: Mapping[str, str]) -> ImportDraft:
    """Answer questions by their keys; "" takes an answer back. Raises Blocked with every misfit."""
    with transaction.atomic():
        draft = deciding.locked(by, pk)
        deciding.require_idle(draft)
        known = {question.key: question for question in questions.of(draft)}
        found: list[Finding] = []
        for key, given in answers.items():
            choices = [choice.value for choice in known[key].choices] if key in known else []
            if key not in known:
                found.append(_misfit(key, key, "a question of this file: " + ", ".join(known)))
            elif given and given not in choices:
                found.append(_misfit(key, given, "one of " + ", ".join(choices[:12])))
        if found:
            raise Blocked(found)
        about = {_OF_QUESTION[key]: given for key, given in answers.items() if key in _OF_QUESTION}
        cleaned, found = _cleaned(draft, about)
        if found:
            raise Blocked(found)
        columns = {key: given for key, given in answers.items() if key not in _OF_QUESTION}
        draft.answers = {**draft.answers, **columns}
        _write(draft, by, cleaned)
        return draft


def _write(draft: ImportDraft, by: User, cleaned: Mapping[str, Any]) -> None:
    before = dict(draft.options)
    draft.options = {**before, **cleaned}
    draft.revision += 1
    if any(draft.options.get(name) != before.get(name) for name in _READING & cleaned.keys()):
        deciding.read_again(draft, by)
    else:
        draft.state, draft.trouble = draft.state if draft.state == "checked" else "open", []
        draft.save()


def _cleaned(draft: ImportDraft, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """Return the options as they are kept, and a finding for each that does not fit."""
    made: dict[str, Any] = {}
    found: list[Finding] = []
    for name, given in options.items():
        try:
            made[name] = _one(draft, name, given)
        except (ValueError, LookupError) as needed:
            found.append(_misfit(name, given, str(needed).strip("'")))
    return made, found


def _one(draft: ImportDraft, name: str, given: Any) -> Any:
    """Return one option as it is kept. Raises ValueError saying what is needed."""
    if name not in _KNOWN:
        raise ValueError("one of " + ", ".join(sorted(_KNOWN)))
    if name == "migration":
        return _require(given in (None, True, False), given, "true, false or null")
    if name == "header_line":
        text = str(given or "")
        fits = text in ("", "0") or (text.isascii() and text.isdigit() and len(text) < 4)
        number = int(text or 0) if fits else -1
        return _require(0 <= number <= _MOST_HEADER_LINE, number, f"a line from 1 to {_MOST_HEADER_LINE}")
    text = _require(isinstance(given, str), given, "a text")
    if name == "delimiter":
        return text if not text else _word(named_delimiter(text))
    allowed = {
        "encoding": ["", *sorted(ENCODINGS)],
        "date_format": ["", *FORMATS],
        "decimal": ["", ".", ","],
        "hidden": ["", "include", "leave_out"],
        "sheet": ["", *(sheet["name"] for sheet in draft.seen.get("sheets", ()))],
    }.get(name)
    if allowed is None:  # the system
        fits = 0 < len(text.strip()) <= _LONGEST_SYSTEM and text.isprintable()
        return _require(fits, text.strip().casefold(), f"a name of 1 to {_LONGEST_SYSTEM} characters")
    return _require(text in allowed, text, "one of " + ", ".join(one or "nothing" for one in allowed))


def _word(sign: str) -> str:
    return {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}[sign]


def _require(fits: bool, value: Any, needed: str) -> Any:
    if not fits:
        raise ValueError(needed)
    return value


def _misfit(name: str, given: object, needed: str) -> Finding:
    message = f"{shown(name)}: {shown(given)!r} does not fit. Give {needed}."
    return Finding("IMP-025", message, field=name, found=shown(given), needed=needed)
