"""Where a page of a list ended: opaque to its reader, checked when it comes back."""

import base64
import binascii
import json
from datetime import date
from typing import Any

from revops.kernel.audit import Blocked
from revops.kernel.records.listing.conditions import read
from revops.kernel.records.listing.parsing import Query, wrong
from revops.kernel.records.registry import FieldKind

# Room for a folded name of 400 characters, each escaped, in base 64.
_LONGEST_CURSOR = 4_000


def encode(query: Query, row: dict[str, Any]) -> str:
    """Return the cursor behind `row`."""
    value = row[query.sort.compared]
    text = value.isoformat() if isinstance(value, date) else value if value is None else str(value)
    content = json.dumps([query.sort.name, int(query.descending), text, row["id"]])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def decode(query: Query, cursor: str) -> tuple[Any, int]:
    """Return sort value and id of the row behind which a page begins. Raises Blocked for a strange cursor."""
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError
        content = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        name, descending, text, pk = json.loads(content)
        if name != query.sort.name or descending != int(query.descending) or type(pk) is not int:
            raise ValueError
        if not 0 <= pk < 2**63 or not isinstance(text, str | None):
            raise ValueError
        if text is None:
            if not query.record_type.model._meta.get_field(query.sort.compared).null:
                raise ValueError
            return None, pk
        if not text.isprintable():
            raise ValueError
        plain = query.sort.kind in (FieldKind.TEXT, FieldKind.URL, FieldKind.CHOICE, FieldKind.COUNTRY)
        return (text if plain else read(query.sort, text)), pk
    except (ValueError, TypeError, RecursionError, binascii.Error, UnicodeError):
        needed = "a cursor that this list gave, with the same sort"
        raise Blocked([wrong("before" if query.before else "after", cursor, needed)]) from None
