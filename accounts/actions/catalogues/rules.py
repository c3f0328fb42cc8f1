"""What speaks against an entry of a catalogue, alone and beside the others, in a constant number of queries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import Campaign, Product
from revops.kernel.folding import fold
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One catalogue: its table, what an entry always has, and the value that belongs to one entry only.

    `key` is the field somebody gives, `column` the one that holds it as it is compared, by `compared`.
    """

    model: Any
    noun: str
    code: str
    needed: tuple[str, ...]
    never_empty: frozenset[str]
    key: str
    key_label: str
    column: str
    compared: Callable[[str], str]
    event: str


PRODUCT = Catalogue(
    Product,
    "product",
    "PRO",
    ("name", "code"),
    frozenset({"is_active"}),
    "code",
    "code",
    "code",
    str,
    "product",
)
CAMPAIGN = Catalogue(
    Campaign,
    "campaign",
    "CAM",
    ("name",),
    frozenset({"is_active", "channel"}),
    "name",
    "name",
    "name_key",
    fold,
    "campaign",
)


def check(catalogue: Catalogue, drafts: Sequence[Draft]) -> None:
    """Add to each draft every reason against it."""
    for draft in drafts:
        drafting.need(draft, catalogue.needed, code=f"{catalogue.code}-001")
        if catalogue is CAMPAIGN:
            _check_dates(draft)
    _check_keys(catalogue, drafts)


def _check_dates(draft: Draft) -> None:
    """A campaign ends on the day it starts, or later."""
    start, end = draft.value("starts_on"), draft.value("ends_on")
    if start and end and end < start:
        message = f"The campaign ends on {end}, before it starts on {start}. Correct one of the two."
        draft.refuse("CAM-003", message, "ends_on", found=end, needed=f"{start} or later")


def _check_keys(catalogue: Catalogue, drafts: Sequence[Draft]) -> None:
    """Refuse a key that another entry has, stored or among these drafts."""
    wanted = [
        (draft, catalogue.compared(draft.given[catalogue.key]))
        for draft in drafts
        if _gives(catalogue, draft)
    ]
    rows = catalogue.model.objects.filter(**{f"{catalogue.column}__in": {key for _, key in wanted}})
    held = dict(rows.values_list(catalogue.column, "pk")) if wanted else {}
    seen: set[str] = set()
    for draft, key in wanted:
        if held.get(key, draft.record.pk) != draft.record.pk or key in seen:
            found = draft.given[catalogue.key]
            where = "Another row of this file" if key in seen else "Another " + catalogue.noun
            message = f"{where} has the {catalogue.key_label} {found!r}. Give this one its own."
            needed = f"an unused {catalogue.key_label}"
            draft.refuse(f"{catalogue.code}-002", message, catalogue.key, found=found, needed=needed)
        seen.add(key)


def _gives(catalogue: Catalogue, draft: Draft) -> bool:
    return bool(draft.given.get(catalogue.key))
