"""From the ids and addresses in a file to our records: within scope, in a constant number of queries."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models.functions import Lower

from revops.kernel.exchange import external_ids
from revops.kernel.exchange.findings import Weight
from revops.kernel.exchange.importers import PLANNED, ImportRow
from revops.kernel.exchange.plan import Plan
from revops.kernel.exchange.survey import Survey
from revops.kernel.identity.models import User
from revops.kernel.records import registry
from revops.kernel.records.registry import Field, FieldKind


def resolve(rows: Iterable[ImportRow], plan: Plan, by: Any, seen: Survey, planned: set[str] | None) -> None:
    """Replace the text of every link by the id of its record.

    `planned` are the ids that a dry run would have created so far, None in a real run. An unknown person is left
    out and told, and so is a link that the importer forgives a migration; any other unknown link refuses the row.
    """
    rows = list(rows)
    for name, target in plan.links.items():
        wanted = {row.values[name] for row in rows if row.values.get(name)}
        if target.kind == FieldKind.PERSON:
            known = _people(plan.mapping.system, wanted) if wanted else {}
            for row in rows:
                _person(row, name, known)
            continue
        found = _records(plan.mapping.system, target, wanted, by) if wanted else {}
        own = target.reference == plan.importer.record_type
        for row in rows:
            text = row.values[name]
            if not text:
                row.values[name] = None
            elif text in found:
                row.values[name] = found[text]
            elif own and planned is not None and text in planned:
                row.values[name] = PLANNED
            elif plan.migration and name in plan.importer.forgiven:
                _leave_out(row, name, text, target)
            else:
                _refuse(row, name, text, seen.first.get(text, 0) if own else 0)


def _records(system: str, target: Field, wanted: set[str], by: Any) -> dict[str, int]:
    """Return the ids of the records that `by` may see, by external id or by our own number (ACC-000123)."""
    found = external_ids.find(system, target.reference, wanted)
    model = apps.get_model(target.reference)
    numbers = {text: number for text in wanted - found.keys() if (number := _number(target.reference, text))}
    ids = set(found.values()) | set(numbers.values())
    if not ids:
        return {}
    seen = set(model.objects.visible_to(by).filter(pk__in=ids).values_list("pk", flat=True))
    return {text: pk for text, pk in {**numbers, **found}.items() if pk in seen}


def _number(record_type: str, text: str) -> int:
    try:
        prefix = registry.get(record_type).prefix
    except LookupError:
        return 0
    head, _, digits = text.upper().partition("-")
    return int(digits) if head == prefix and digits.isascii() and digits.isdigit() and len(digits) < 19 else 0


def _people(system: str, wanted: set[str]) -> dict[str, int]:
    """Return the ids of active people, by external id or e-mail address."""
    found = external_ids.find(system, "identity.user", wanted)
    addresses = {text.lower(): text for text in wanted if "@" in text}
    active = User.objects.filter(is_active=True)
    by_mail = dict(
        active.annotate(address=Lower("email")).filter(address__in=addresses).values_list("address", "pk")
    )
    held = set(active.filter(pk__in=found.values()).values_list("pk", flat=True)) if found else set()
    known = {text: pk for text, pk in found.items() if pk in held}
    return known | {addresses[address]: pk for address, pk in by_mail.items()}


def _person(row: ImportRow, name: str, known: dict[str, int]) -> None:
    text = row.values.pop(name, "")
    if text in known:
        row.values[name] = known[text]
    elif text:
        row.tell(
            "IMP-140",
            f"{text[:80]} is no active person here; the row is imported without it.",
            weight=Weight.WARNING,
            field=name,
            found=text,
            needed="the e-mail address or external id of an active person",
            remedy="Import the people first, or assign the record afterwards.",
        )


def _leave_out(row: ImportRow, name: str, text: str, target: Field) -> None:
    del row.values[name]
    row.tell(
        "IMP-109",
        f"{target.label}: no record with the id {text[:80]} is known that you can see; the row is imported without it.",
        weight=Weight.WARNING,
        field=name,
        found=text,
        needed="the external id of a record that is imported already",
        remedy="Import that record first, or link the two afterwards.",
    )


def _refuse(row: ImportRow, name: str, text: str, line: int) -> None:
    if line:
        row.reject(
            "IMP-110",
            f"The row refers to line {line} of this file, which was refused.",
            field=name,
            found=text,
            needed="a row that can be imported",
            remedy=f"Correct line {line} first.",
        )
    else:
        row.reject(
            "IMP-109",
            "No record with this id is known that you can see.",
            field=name,
            found=text,
            needed="the external id of a record that is imported already, or of a row of this file",
            remedy="Import that record first, or empty the cell.",
        )
    row.values[name] = None
