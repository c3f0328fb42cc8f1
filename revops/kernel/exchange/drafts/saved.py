"""Mappings that people keep: by the names of columns, with what words mean and how dates and decimals stand."""

from typing import Any

from django.db.models import Q, QuerySet

from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.exchange.drafts import layout
from revops.kernel.exchange.drafts.models import ImportDraft, SavedMapping
from revops.kernel.exchange.mapping import folded
from revops.kernel.identity.models import User
from revops.kernel.people import access

PREFIX = "saved:"
LONGEST_NAME = 80


def usable(by: User) -> QuerySet[SavedMapping]:
    """Return the mappings somebody may take: their own and the shared ones."""
    if not access.rights(by, SavedMapping._meta.label_lower).creatable:
        return SavedMapping.objects.none()
    return SavedMapping.objects.filter(Q(owner_id=by.pk) | Q(is_shared=True))


def keep(draft: ImportDraft, by: User, name: str, *, shared: bool) -> SavedMapping:
    """Write the draft's mapping under a name; one's own of that name is written anew. Raises Blocked, Forbidden."""
    access.require_create(by, SavedMapping, {"object", "name", "columns"})
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Blocked.because(
            "IMP-024",
            f"Give the mapping a name of 1 to {LONGEST_NAME} visible characters.",
            field="name",
            found=name,
            needed=f"1 to {LONGEST_NAME} characters",
        )
    now = clocks.now()
    kept, _ = SavedMapping.objects.update_or_create(
        owner=by,
        object=draft.object,
        name=name,
        defaults={
            "is_shared": shared,
            "system": layout.system_of(draft),
            "migration": layout.is_migration(draft),
            "columns": _by_header(draft),
            "constants": draft.constants,
            "values": draft.values,
            "updated_at": now,
        },
        create_defaults={
            "is_shared": shared,
            "system": layout.system_of(draft),
            "migration": layout.is_migration(draft),
            "columns": _by_header(draft),
            "constants": draft.constants,
            "values": draft.values,
            "created_at": now,
            "updated_at": now,
        },
    )
    return kept


def delete(by: User, pk: int) -> None:
    """Delete one's own saved mapping. Raises DoesNotExist for one out of reach, Forbidden for another's."""
    mapping = usable(by).get(pk=pk)
    if mapping.owner_id != by.pk:
        raise access.Forbidden("Only its owner may delete a mapping that is shared.")
    mapping.delete()


def _by_header(draft: ImportDraft) -> list[dict[str, str]]:
    header = draft.seen.get("header", [])
    return [
        {
            "header": header[entry["place"]],
            "field": entry["field"],
            "date_format": draft.answers.get(f"date:{entry['place']}", ""),
            "decimal": draft.answers.get(f"decimal:{entry['place']}", ""),
        }
        for entry in draft.columns
        if entry["place"] < len(header)
    ]


def laid(draft: ImportDraft, header: list[str]) -> dict[str, Any] | None:
    """Return the decisions that the draft's saved mapping makes about a file with this header; None if it is gone."""
    pk = draft.mapping.removeprefix(PREFIX)
    mapping = SavedMapping.objects.filter(pk=pk, object=draft.object).first() if pk.isdigit() else None
    return None if mapping is None else decisions(mapping, header, draft.options)


def decisions(mapping: SavedMapping, header: list[str], options: dict[str, Any]) -> dict[str, Any]:
    """Return what a saved mapping decides about a file with this header."""
    places = {folded(name): place for place, name in reversed(list(enumerate(header))) if folded(name)}
    columns, answers = [], {}
    for entry in mapping.columns:
        place = places.get(folded(entry["header"]))
        if place is None:
            continue
        columns.append({"place": place, "field": entry["field"]})
        for kind, key in (("date", "date_format"), ("decimal", "decimal")):
            if entry.get(key):
                answers[f"{kind}:{place}"] = entry[key]
    return {
        "mapping": f"{PREFIX}{mapping.pk}",
        "columns": columns,
        "constants": dict(mapping.constants),
        "values": dict(mapping.values),
        "answers": answers,
        "options": {**options, "system": mapping.system, "migration": mapping.migration},
    }
