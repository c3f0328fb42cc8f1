"""The registered ratios over the API: what each means, and its cells over the records that the reader sees."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries
from revops.api.access_rows import asking
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import (
    COUNT,
    INSTANT,
    TEXT,
    YES_OR_NO,
    documented,
    in_query,
    many,
    nullable,
    ref,
    thing,
    words,
)
from revops.api.views import ApiView, user_of
from revops.kernel import clocks, metrics
from revops.kernel.audit import Blocked
from revops.kernel.metrics import Ratio, Share
from revops.kernel.people import access
from revops.kernel.records import listing, registry
from revops.kernel.records.registry import FieldKind, RecordType

MOST_GROUPS = 2
_GROUPING = (FieldKind.CHOICE, FieldKind.PERSON, FieldKind.REFERENCE)
_RATIO = {
    "key": TEXT,
    "label": TEXT,
    "definition": TEXT,
    "formula": TEXT,
    "caveat": TEXT,
    "owner": TEXT,
    "version": COUNT,
    "record_type": {**TEXT, "description": "The list of its records: the last part of their address."},
    "unit": ref("RatioUnit"),
    "better": words(["high", "low"]),
    "green": nullable({**TEXT, "description": "The limit of green; none without limits."}),
    "amber": nullable({**TEXT, "description": "The limit of amber."}),
    "min_n": {**COUNT, "description": "Fewer records than these have no tone."},
}
_COMPONENTS = {
    "RatioUnit": words(["percent", "mean"]),
    "Ratio": thing(_RATIO),
    "Ratios": thing({"results": many(ref("Ratio"))}),
    "RatioCell": thing(
        {
            "group": {"type": "object", "additionalProperties": True},
            "value": nullable({**TEXT, "description": "The exact number, as text; null of no records."}),
            "numerator": COUNT,
            "denominator": COUNT,
            "tone": {**TEXT, "description": "green, amber or red; empty without limits, or of few records."},
            "is_small": YES_OR_NO,
        }
    ),
    "RatioCells": thing({"metric": ref("Ratio"), "as_of": INSTANT, "cells": many(ref("RatioCell"))}),
}
_TAG: dict[str, Any] = {"tag": "Metrics", "components": _COMPONENTS}


class Ratios(ApiView):
    """The ratios that one may be told."""

    @documented(id="metrics_list", summary="List the ratios", response=ref("Ratios"), **_TAG)
    def get(self, request: Request) -> Response:
        queries.none(request)
        user = user_of(request)
        told = [one for one in metrics.ratios() if one in metrics.ratios_of(one.record_type, user)]
        return Response({"results": [_told(one) for one in told]})


class OneRatio(ApiView):
    """One ratio over the records that its address filters, told apart by up to two fields."""

    @documented(
        id="metrics_read",
        summary="Read one ratio over the records you see",
        description="Every filter of the list of its records may stand beside `by`; the list's own `metric` and "
        "`part` give the records behind a cell.",
        response=ref("RatioCells"),
        parameters=[in_query("by", TEXT, "Up to two fields to tell the cells apart, separated by a comma.")],
        **_TAG,
    )
    def get(self, request: Request, key: str) -> Response:
        user, given = user_of(request), queries.single(request)
        ratio = next((one for one in metrics.ratios() if one.key == key), None)
        if ratio is None or ratio not in metrics.ratios_of(ratio.record_type, user):
            raise ObjectDoesNotExist
        kind, now = registry.get(ratio.record_type), clocks.now()
        try:
            names = _named(kind, user, given.pop("by", ""))
            rows = listing.matching(listing.parse(kind, user, given), user)
        except Blocked as exc:
            raise blocked(exc, BAD_QUERY) from None
        columns = [kind.by_name[name].attname for name in names]
        found = metrics.shares([ratio], rows, by=columns, now=now)
        cells = [_cell(names, one) for one in sorted(found, key=lambda one: str(one.group))]
        return Response({"metric": _told(ratio), "as_of": now, "cells": cells})


def _named(kind: RecordType, user: Any, text: str) -> list[str]:
    """Return the fields to tell cells apart by. Raises Blocked for what one may not read or group by."""
    readable = access.readable(user, kind.label)
    offered = [
        one.name for one in kind.fields if one.filterable and one.kind in _GROUPING and one.name in readable
    ]
    names = [name.strip() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if name not in offered]
    if wrong or len(names) > MOST_GROUPS:
        needed = f"at most {MOST_GROUPS} of " + ", ".join(offered)
        raise Blocked([queries.wrong("by", wrong[0] if wrong else text, needed)])
    return names


def _told(ratio: Ratio) -> dict[str, Any]:
    return {
        "key": ratio.key,
        "label": ratio.label,
        "definition": ratio.definition,
        "formula": ratio.formula,
        "caveat": ratio.caveat,
        "owner": ratio.owner,
        "version": ratio.version,
        "record_type": registry.get(ratio.record_type).slug,
        "unit": ratio.unit,
        "better": ratio.better,
        "green": None if ratio.green is None else str(ratio.green),
        "amber": None if ratio.amber is None else str(ratio.amber),
        "min_n": ratio.min_n,
    }


def _cell(names: list[str], share: Share) -> dict[str, Any]:
    value = share.value
    return {
        "group": dict(zip(names, share.group, strict=True)),
        "value": None if value is None else str(value),
        "numerator": share.numerator,
        "denominator": share.denominator,
        "tone": share.tone,
        "is_small": share.is_small,
    }


def patterns() -> list[URLPattern]:
    """Return the addresses of the ratios."""
    asked = {"GET": "view of the records that the metric is about"}
    return [
        path("metrics/", asking(Ratios.as_view(), asked), name="api-metrics"),
        path("metrics/<slug:key>/", asking(OneRatio.as_view(), asked), name="api-metric"),
    ]
