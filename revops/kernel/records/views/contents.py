"""What a saved view holds, and the parameters of a list that say the same."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from revops.kernel.audit import Blocked, Finding
from revops.kernel.records import values
from revops.kernel.records.views.enums import Layout

NARROWEST, WIDEST = 60, 800
Name = Annotated[str, Field(min_length=1, max_length=80)]
Text = Annotated[str, Field(max_length=2_000)]
Width = Annotated[int, Field(ge=NARROWEST, le=WIDEST)]
# What an address holds besides filters, and a view does not keep: the place one is at, and how much one reads.
_PASSING = frozenset({"after", "before", "from", "limit", "count", "tab", "format", "view"})


class Content(BaseModel):
    """The content of a view: columns in order with their widths, order of the rows, density, and what is shown.

    `filters` are the simple parameters of a list, `where` its condition, `group` what a board stands its columns by.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    columns: Annotated[list[Name], Field(max_length=80)] = []
    widths: dict[Name, Width] = {}
    sort: Annotated[str, Field(max_length=80)] = ""
    density: Literal["", "compact", "comfortable"] = ""
    filters: Annotated[dict[Name, Text], Field(max_length=40)] = {}
    where: dict[str, Any] | None = None
    text: Annotated[str, Field(max_length=200)] = ""
    group: Annotated[str, Field(max_length=80)] = ""


def read(given: Any) -> Content:
    """Return a content that somebody gave, checked. Raises Blocked with a finding for each part that does not fit."""
    try:
        return Content.model_validate(given)
    except ValidationError as error:
        raise Blocked([_finding(one) for one in error.errors(include_url=False)]) from None


def _finding(error: Any) -> Finding:
    place = ".".join(["content", *map(str, error["loc"])])
    found, needed = values.shown(error.get("input")), str(error["msg"])
    return Finding(
        "VIEW-002", f"{place}: {found!r} does not fit. {needed}.", field=place, found=found, needed=needed
    )


def stored(content: Mapping[str, Any]) -> Content:
    """Return a content as it was stored; what this version does not know any more is left out."""
    kept: dict[str, Any] = {}
    for name, value in content.items():
        try:
            Content.model_validate({name: value})
        except ValidationError:
            continue
        kept[name] = value
    return Content.model_validate(kept)


def parameters(layout: str, content: Content) -> dict[str, str]:
    """Return the parameters of the list that a content describes; nothing for what is as it always is."""
    said = {
        "layout": layout if layout != Layout.LIST else "",
        "group": content.group,
        "q": content.text,
        "where": json.dumps(content.where, separators=(",", ":"), ensure_ascii=False)
        if content.where
        else "",
        "sort": content.sort,
        "columns": ",".join(content.columns),
        "widths": ",".join(f"{name}:{width}" for name, width in content.widths.items()),
        "density": content.density,
    }
    return {**content.filters, **{name: text for name, text in said.items() if text}}


def of_parameters(given: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Return layout and content that the parameters of a list describe, unchecked."""
    held = {name: text for name, text in given.items() if name not in _PASSING and text}
    content: dict[str, Any] = {}
    for name, key in (("group", "group"), ("q", "text"), ("sort", "sort"), ("density", "density")):
        if name in held:
            content[key] = held.pop(name)
    if "columns" in held:
        content["columns"] = [name for name in held.pop("columns").split(",") if name]
    if "widths" in held:
        content["widths"] = widths(held.pop("widths"))
    if "where" in held:
        try:
            content["where"] = json.loads(held.pop("where"))
        except (ValueError, RecursionError):
            content["where"] = "no JSON"
    layout = held.pop("layout", Layout.LIST)
    return layout, content | ({"filters": held} if held else {})


def widths(text: str) -> dict[str, int]:
    """Return the widths of columns that an address says; what is none is left out, what is extreme is bounded."""
    found: dict[str, int] = {}
    for part in text[:2_000].split(","):
        name, _, number = part.partition(":")
        if name and number.isascii() and number.isdigit() and len(number) < 6:
            found[name] = min(WIDEST, max(NARROWEST, int(number)))
    return found
