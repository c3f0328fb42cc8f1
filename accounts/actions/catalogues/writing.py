"""Create and change the entries of the catalogues. An entry is never deleted: it is made inactive."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.actions import races
from accounts.actions.catalogues.rules import CAMPAIGN, PRODUCT, Catalogue, check
from accounts.models import Campaign, Product
from revops.kernel import audit, outbox
from revops.kernel.folding import fold
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft


@races.told
def create_product(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Product:
    """Put a product into the catalogue; its code (SKU) is unique. Raises Blocked with every finding, Forbidden."""
    product: Product = _create(PRODUCT, by, values, at)
    return product


@races.told
def create_campaign(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Campaign:
    """Put a campaign into the catalogue under the name given, which is unique whatever its case."""
    campaign: Campaign = _create(CAMPAIGN, by, values, at)
    return campaign


@races.told
def edit_product(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Product:
    """Change a product, or make it inactive: it is not offered any more and stays where it is named."""
    product: Product = _edit(PRODUCT, by, pk, changes, version, reason)
    return product


@races.told
def edit_campaign(
    *, by: User, pk: int, changes: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Campaign:
    """Change a campaign, or make it inactive: it is not offered any more and stays where it is named."""
    campaign: Campaign = _edit(CAMPAIGN, by, pk, changes, version, reason)
    return campaign


def _create(catalogue: Catalogue, by: User, values: Mapping[str, Any], at: datetime | None) -> Any:
    with audit.change(by=by, action=f"{catalogue.noun}.create", at=at):
        access.require_create(by, catalogue.model, values)
        draft = drafting.read(values, catalogue.model(), never_empty=catalogue.never_empty)
        check(catalogue, [draft])
        if draft.findings:
            raise audit.Blocked(draft.findings)
        return write_new(catalogue, [draft])[0]


def _edit(
    catalogue: Catalogue, by: User, pk: int, changes: Mapping[str, Any], version: int | None, reason: str
) -> Any:
    with audit.change(by=by, action=f"{catalogue.noun}.edit", reason=reason):
        record = audit.lock(catalogue.model.objects.visible_to(by), pk=pk, version=version)
        access.require_edit(by, record, changes)
        draft = drafting.read(
            changes, record, never_empty=catalogue.never_empty, code=f"{catalogue.code}-004"
        )
        check(catalogue, [draft])
        if draft.findings:
            raise audit.Blocked(draft.findings)
        write_changed(catalogue, [draft])
        return record


def write_new(catalogue: Catalogue, drafts: Sequence[Draft]) -> list[Any]:
    """Write checked drafts as new entries, inside the open change, in a constant number of statements."""
    for draft in drafts:
        _fill(draft)
    records = [draft.record for draft in drafts]
    audit.write_many(records)
    for record in records:
        outbox.emit(f"{catalogue.event}.created", record, {"name": record.name})
    return records


def write_changed(catalogue: Catalogue, drafts: Sequence[Draft]) -> None:
    """Write checked drafts of locked entries, inside the open change."""
    before = {draft.record.pk: (draft.record.version, draft.record.is_active) for draft in drafts}
    for draft in drafts:
        _fill(draft)
    audit.write_many([draft.record for draft in drafts])
    for draft in drafts:
        version, was_active = before[draft.record.pk]
        if draft.record.version != version:
            left = was_active and not draft.record.is_active
            what = "deactivated" if left else "edited"
            outbox.emit(f"{catalogue.event}.{what}", draft.record, {"fields": sorted(draft.given)})


def _fill(draft: Draft) -> None:
    drafting.put(draft)
    draft.record.name_key = fold(draft.record.name)
