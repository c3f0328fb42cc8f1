"""Reading the bodies of requests about imports: strict, every misfit told."""

from collections.abc import Callable, Mapping
from typing import Any

from revops.api import queries
from revops.api.problems import blocked
from revops.kernel.audit import Blocked

Fits = Callable[[Any], bool]


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def is_words(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def is_columns(value: Any) -> bool:
    return isinstance(value, dict) and all(
        key.isascii() and key.isdigit() and len(key) < 6 and is_texts(one) for key, one in value.items()
    )


def is_values(value: Any) -> bool:
    return isinstance(value, dict) and all(is_words(one) for one in value.values())


def is_options(value: Any) -> bool:
    return isinstance(value, dict) and all(
        one is None or isinstance(one, str | int | bool) for one in value.values()
    )


EDIT: Mapping[str, tuple[Fits, str]] = {
    "options": (is_options, "an object of options"),
    "answers": (is_words, "an object of texts by question"),
    "mapping": (is_text, "the name of a mapping"),
    "columns": (is_columns, "an object of lists of fields by place"),
    "constants": (is_words, "an object of texts by field"),
    "values": (is_values, "an object of objects of texts by field"),
}
_CELL: Mapping[str, Fits] = {"line": is_number, "place": is_number, "text": is_text}
_EVERYWHERE: Mapping[str, Fits] = {"place": is_number, "found": is_text, "text": is_text}
_ROW: Mapping[str, Fits] = {"line": is_number, "cells": is_texts}


def _many(shape: Mapping[str, Fits]) -> Fits:
    def fits(value: Any) -> bool:
        return isinstance(value, list) and all(
            isinstance(one, dict)
            and one.keys() == shape.keys()
            and all(fit(one[name]) for name, fit in shape.items())
            for one in value
        )

    return fits


REPAIRS: Mapping[str, tuple[Fits, str]] = {
    "cells": (_many(_CELL), "a list of {line, place, text}"),
    "everywhere": (_many(_EVERYWHERE), "a list of {place, found, text}"),
    "rows": (_many(_ROW), "a list of {line, cells}"),
}


def read(body: dict[str, Any], known: Mapping[str, tuple[Fits, str]]) -> dict[str, Any]:
    """Return a body whose members all fit. Raises Problem with a finding for each that does not."""
    found = [
        queries.wrong(name, body[name], "one of " + ", ".join(known))
        for name in sorted(body.keys() - known.keys())
    ]
    found += [
        queries.wrong(name, body[name], needed)
        for name, (fits, needed) in known.items()
        if name in body and not fits(body[name])
    ]
    if found:
        raise blocked(Blocked(found))
    return body
