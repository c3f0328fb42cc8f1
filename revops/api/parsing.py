"""Reading a request body: strict JSON, exact numbers, nothing that could exhaust the server."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import IO, Any, NoReturn

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from revops.api.problems import MALFORMED, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, Problem

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_INTEGER_DIGITS = 40


class StrictJSONParser(BaseParser):
    """Parses a JSON object of at most 1 MiB and 32 levels in UTF-8; numbers with a point become `Decimal`.

    A key given twice, NaN, Infinity and a body that is no object are refused: two readers of one body must
    never see two things.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        charset = (media_type or "").lower().replace(" ", "").replace('"', "").partition("charset=")[2]
        if charset.split(";")[0] not in ("", "utf-8", "utf8"):
            raise Problem(UNSUPPORTED_MEDIA_TYPE, "JSON is UTF-8 here: leave the charset out or send utf-8.")
        content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise Problem(TOO_LARGE, f"A request may hold {MAX_BYTES:,} bytes. Send fewer records at a time.")
        value = _load(content)
        if not isinstance(value, dict):
            raise Problem(MALFORMED, "The body must be a JSON object of fields and values.")
        _check_depth(value)
        return value


def _load(content: bytes) -> Any:
    try:
        return json.loads(
            content.decode("utf-8"),
            parse_float=Decimal,
            parse_int=_integer,
            parse_constant=_no_number,
            object_pairs_hook=_unique,
        )
    except RecursionError:
        raise Problem(MALFORMED, f"The body is nested deeper than {MAX_DEPTH} levels.") from None
    except UnicodeDecodeError:
        raise Problem(MALFORMED, "The body is not UTF-8.") from None
    except (ValueError, InvalidOperation) as error:
        raise Problem(
            MALFORMED, f"The body is not the JSON that is taken here: {str(error)[:200]}."
        ) from None


def _integer(text: str) -> int:
    if len(text) > MAX_INTEGER_DIGITS:
        raise ValueError(f"a number of {len(text)} digits, {MAX_INTEGER_DIGITS} at most")
    return int(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:80]!r} is given twice")
    return found


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise Problem(MALFORMED, f"The body is nested deeper than {MAX_DEPTH} levels.")
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]


class JsonOnly(BaseContentNegotiation):
    """JSON is what there is, whatever the client would accept."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        only = next(iter(renderers))
        return only, str(only.media_type)
