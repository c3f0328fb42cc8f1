"""What the schema says about imports."""

from collections.abc import Mapping

from revops.api.schema.operation import (
    COUNT,
    INSTANT,
    RECORD_ID,
    TEXT,
    YES_OR_NO,
    Operation,
    Schema,
    in_query,
    many,
    nullable,
    ref,
    thing,
    words,
)
from revops.kernel.exchange.drafts.models import DraftState, FileFormat

TAG = "Imports"
_PLACE: Schema = {**COUNT, "description": "The column, counted from 0."}
_LINE: Schema = {**COUNT, "description": "The line of the file, or the row of the sheet."}
_TEXTS: Schema = {"type": "object", "additionalProperties": TEXT}
_FINDING = thing(
    {
        "id": RECORD_ID,
        "line": _LINE,
        "row": COUNT,
        "place": nullable(_PLACE),
        "code": TEXT,
        "weight": ref("FindingWeight"),
        "column": TEXT,
        "field": TEXT,
        "message": TEXT,
        "found": TEXT,
        "needed": TEXT,
        "remedy": TEXT,
        "cell": {**TEXT, "description": "The whole cell as it would be imported now."},
        "is_repaired": YES_OR_NO,
    }
)
_NOTE = thing(
    dict.fromkeys(("code", "weight", "column", "field", "message", "found", "needed", "remedy"), TEXT),
    required=["code", "weight", "message"],
)
_GROUP = thing({**dict.fromkeys(("code", "weight", "column", "field", "message"), TEXT), "count": COUNT})
_COUNTS = dict.fromkeys(("rows", "created", "updated", "unchanged", "rejected", "skipped"), COUNT)
_QUESTION = thing(
    {
        "key": TEXT,
        "text": TEXT,
        "column": TEXT,
        "answer": TEXT,
        "proposal": TEXT,
        "is_needed": YES_OR_NO,
        "is_open": YES_OR_NO,
        "examples": many(TEXT),
        "choices": many(ref("ImportChoice")),
    }
)
_COLUMN = thing(
    {
        "place": _PLACE,
        "header": TEXT,
        "kind": TEXT,
        "filled": COUNT,
        "samples": many(TEXT),
        "date_order": TEXT,
        "decimal": TEXT,
        "fields": {
            **many(TEXT),
            "description": "What it becomes: our fields, external_id, skip, or nothing.",
        },
    }
)
_IMPORT = thing(
    {
        "id": RECORD_ID,
        "url": {"type": "string", "format": "uri"},
        "object": TEXT,
        "file_name": TEXT,
        "format": ref("ImportFormat"),
        "size": COUNT,
        "sha256": TEXT,
        "state": ref("ImportState"),
        "created_by": ref("Person"),
        "created_at": INSTANT,
        "revision": COUNT,
        "progress": ref("ImportProgress"),
        "detected": ref("ImportDetected"),
        "questions": many(ref("ImportQuestion")),
        "mapping": TEXT,
        "columns": many(ref("ImportColumn")),
        "constants": _TEXTS,
        "unlisted": many(ref("ImportUnlisted")),
        "problems": many(ref("ImportNote")),
        "trouble": many(ref("ImportNote")),
        "check": nullable(ref("ImportCheck")),
        "report": nullable(ref("ImportReport")),
    },
    required=["id", "url", "object", "file_name", "state"],
    description="A page of imports leaves out what only one import shows, from `detected` on.",
)
COMPONENTS: Mapping[str, Schema] = {
    "Person": thing({"id": RECORD_ID, "name": TEXT}),
    "ImportState": words(DraftState.values),
    "ImportFormat": words(FileFormat.values),
    "FindingWeight": words(["error", "warning", "notice"]),
    "ImportChoice": thing({"value": TEXT, "label": TEXT}),
    "ImportNote": _NOTE,
    "ImportQuestion": _QUESTION,
    "ImportColumn": _COLUMN,
    "ImportFinding": _FINDING,
    "ImportGroup": _GROUP,
    "ImportProgress": thing(
        {
            "done": COUNT,
            "total": COUNT,
            "rows_a_second": {"type": "number"},
            "seconds_left": nullable(COUNT),
            "is_working": YES_OR_NO,
        }
    ),
    "ImportDetected": thing(
        {
            "encoding": TEXT,
            "delimiter": TEXT,
            "sheet": TEXT,
            "header_line": COUNT,
            "rows": COUNT,
            "sentences": many(TEXT),
            "notes": many(ref("ImportNote")),
        }
    ),
    "ImportUnlisted": thing({"field": TEXT, "column": TEXT, "text": TEXT, "count": COUNT, "choice": TEXT}),
    "ImportCheck": thing(
        {
            **_COUNTS,
            "found": COUNT,
            "kept": COUNT,
            "is_current": YES_OR_NO,
            "is_partial": YES_OR_NO,
            "groups": many(ref("ImportGroup")),
        }
    ),
    "ImportReport": thing(
        {**_COUNTS, "parked": COUNT, "run": nullable(RECORD_ID), "groups": many(ref("ImportGroup"))}
    ),
    "Import": _IMPORT,
    "ImportPage": thing({"results": many(ref("Import")), "next": nullable(TEXT)}),
    "ImportFindings": thing({"results": many(ref("ImportFinding")), "next": nullable(TEXT)}),
    "ImportRepairs": thing(
        {
            "results": many(
                thing({"line": _LINE, "place": _PLACE, "column": TEXT, "before": TEXT, "after": TEXT})
            )
        }
    ),
    "ImportUpload": thing(
        {
            "object": {**TEXT, "description": "What the rows are: account, contact, lead …"},
            "file": {"type": "string", "format": "binary"},
            "mapping": {
                **TEXT,
                "description": "salesforce, hubspot, columns or saved:12; detected when left out.",
            },
        },
        required=["object", "file"],
    ),
    "ImportEdit": thing(
        {
            "options": {
                "type": "object",
                "additionalProperties": True,
                "description": "encoding, delimiter, sheet, header_line, hidden, date_format, decimal, "
                "migration, system",
            },
            "answers": {**_TEXTS, "description": "By the key of the question."},
            "mapping": TEXT,
            "columns": {
                "type": "object",
                "additionalProperties": many(TEXT),
                "description": "By place: our fields, external_id, skip, or an empty list.",
            },
            "constants": _TEXTS,
            "values": {
                "type": "object",
                "additionalProperties": _TEXTS,
                "description": "By field: what a word of the file means.",
            },
        },
        required=[],
        additionalProperties=False,
    ),
    "ImportRepair": thing(
        {
            "cells": many(thing({"line": _LINE, "place": _PLACE, "text": TEXT})),
            "everywhere": many(thing({"place": _PLACE, "found": TEXT, "text": TEXT})),
            "rows": many(thing({"line": _LINE, "cells": many(TEXT)})),
        },
        required=[],
        additionalProperties=False,
    ),
    "ImportRevertPlan": {"type": "object", "additionalProperties": True},
}
CURSOR = in_query("after", TEXT, "The `next` of the page before.")
LIMIT = in_query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "Rows a page.")
FILTERS = tuple(
    in_query(name, TEXT, told)
    for name, told in (
        ("code", "Only findings of this code."),
        ("column", "Only those in this column."),
        ("weight", "Only errors, warnings or notices."),
    )
)


def operation(name: str, summary: str, answers: str = "Import", **more: object) -> Operation:
    """Return the operation `imports_<name>`; it answers a component, or a file when that is empty."""
    told = {"response": ref(answers) if answers else None, **more}
    return Operation(f"imports_{name}", summary, TAG, components=COMPONENTS, **told)  # type: ignore[arg-type]
