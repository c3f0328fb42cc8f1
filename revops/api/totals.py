"""The registered metrics over a list, over the API: what its pages show on columns of boards and under lists."""

from typing import Any

from rest_framework.request import Request

from revops.api import queries
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import COUNT, INSTANT, TEXT, Schema, many, nullable, ref, thing, words
from revops.kernel import clocks, metrics
from revops.kernel.audit import Blocked
from revops.kernel.records import boards, listing
from revops.kernel.records.registry import RecordType

COMPONENTS: dict[str, Schema] = {
    "MetricUnit": words(["records", "money"]),
    "MetricCell": thing(
        {
            "group": nullable({**TEXT, "description": "The value of the field `by`; null without it."}),
            "value": {**TEXT, "description": "The exact number, as text."},
            "currency": {
                **TEXT,
                "description": "Empty for what is counted; amounts are never added across it.",
            },
            "n": {**COUNT, "description": "Records behind the number."},
        }
    ),
    "Metric": thing(
        {
            "key": TEXT,
            "label": TEXT,
            "definition": TEXT,
            "formula": TEXT,
            "caveat": TEXT,
            "unit": ref("MetricUnit"),
            "owner": TEXT,
            "version": COUNT,
            "cells": many(ref("MetricCell")),
        }
    ),
    "Totals": thing({"as_of": INSTANT, "by": TEXT, "metrics": many(ref("Metric"))}),
}


def answer(record_type: RecordType, request: Request) -> dict[str, Any]:
    """Return every metric that the reader may be told over the list that the address filters.

    Raises Problem for a parameter that does not fit, and for a field that one cannot group a board by.
    """
    queries.require_seen(record_type, request.user)
    given = queries.single(request)
    by, as_of = given.pop("by", ""), clocks.now()
    try:
        query = listing.parse(record_type, request.user, given)
        if by:
            _require(record_type, request.user, by)
    except Blocked as exc:
        raise blocked(exc, BAD_QUERY) from None
    wanted = metrics.of(record_type.label, request.user)
    cells = metrics.measure(wanted, listing.matching(query, request.user), by=by)
    return {"as_of": as_of, "by": by, "metrics": [_told(one, cells) for one in wanted]}


def _require(record_type: RecordType, user: Any, by: str) -> None:
    offered = [one.name for one in boards.groupable(record_type, user)]
    if by not in offered:
        raise Blocked([queries.wrong("by", by, "one of " + ", ".join(offered) if offered else "no field")])


def _told(metric: metrics.Metric, cells: list[metrics.Cell]) -> dict[str, Any]:
    return {
        "key": metric.key,
        "label": metric.label,
        "definition": metric.definition,
        "formula": metric.formula,
        "caveat": metric.caveat,
        "unit": metric.unit,
        "owner": metric.owner,
        "version": metric.version,
        "cells": [
            {"group": cell.group, "value": str(cell.value), "currency": cell.currency, "n": cell.n}
            for cell in cells
            if cell.metric is metric
        ],
    }
