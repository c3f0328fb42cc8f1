"""Import leads: the same checks and writes as one by one, a chunk at a time. Source: mappings.md."""

from typing import Any

from accounts.actions import arriving
from accounts.actions.leads import creating, drafts, matching
from accounts.enums import LeadStatus, Source
from accounts.models import Lead
from revops.kernel import audit, outbox
from revops.kernel.exchange.importers import Batch, ImportRow, load_visible
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

# What a migration tells and keeps, although a form would refuse it.
_RELAXED = frozenset({"LEA-003", "LEA-004", "LEA-006"})
# What it leaves out: the lead itself stays.
_LEFT_OUT = frozenset({"LEA-001", "LEA-002", "LEA-005", "LEA-012", "LEA-014"})
# Written once: a later file changes neither (INV-1.7).
_ONCE = frozenset({"source_original", "created_at"})
_CONVERTED = ("converted_at", "converted_account", "converted_contact")
_HISTORY = frozenset({*_CONVERTED, "created_at", "disposition_reason"})
_LINKS = ("campaign", "converted_account", "converted_contact")
# What only merging and routing bring about, in a migration as well.
_OURS = (LeadStatus.TOMBSTONE, LeadStatus.ROUTED)
_NEEDED = {"last_name": "last name", "company": "company"}
_NO_SOURCE = "Not stated in the import"


def prepare(batch: Batch) -> None:
    """Read each row as a draft and refuse what the rules refuse. Queries only."""
    rows = batch.alive
    for row in rows:
        arriving.drop_what_stays(row, drafts.NEVER_EMPTY | {"status"}, _ONCE)
        if batch.migration:
            _complete(row)
        arriving.refuse_history(batch, row, _HISTORY, "LEA-018")
        _check_status(batch, row)
        row.draft = arriving.draft_of(Lead, row, migrated=batch.migration)
        if row.record_id is None:
            drafting.need(row.draft, drafts.NEEDED, code="LEA-003")
        _prepare_links(row.draft)
        drafts.consider(row.draft)
    ready = [row.draft for row in rows]
    drafts.check_addresses(ready, batch.by)
    matching.match(ready)
    arriving.check_rehearsed(batch, rows, "LEA-014")
    for row in rows:
        arriving.tell(batch, row, relaxed=_RELAXED, left_out=_LEFT_OUT)
        _spell(row)
    arriving.rehearse(batch, rows)


def _complete(row: ImportRow) -> None:
    """Fill in what every lead has and another system did not ask for: told, and easy to find afterwards."""
    values = row.values
    if any(values.get(name) for name in _CONVERTED):
        values["status"] = LeadStatus.CONVERTED
    if row.record_id is not None:
        return
    address = (values.get("email") or "").partition("@")
    instead = {
        "last_name": values.get("first_name") or address[0] or "Unknown",
        "company": address[2] or "Unknown",
    }
    for name, label in _NEEDED.items():
        if not values.get(name):
            values[name] = instead[name][:80]
            message = f"The lead has no {label}; it is taken as {values[name]}."
            row.tell("LEA-003", message, field=name, found="", needed=f"a {label}")
    if not values.get("source_original"):
        values["source_original"], values["source_note"] = Source.OTHER, _NO_SOURCE
        message = "The lead does not say where it came from; its source is “Other”."
        row.tell("LEA-003", message, field="source_original", found="", needed="a source")


def _check_status(batch: Batch, row: ImportRow) -> None:
    """Refuse a status that only the product brings about, and in an ordinary import every one but “new”."""
    status = row.values.get("status")
    if status in _OURS or (status not in (None, LeadStatus.NEW) and not batch.migration):
        message = f"An import does not bring in leads that are {LeadStatus(status).label.lower()}."
        needed = "new" if not batch.migration else "a status of the other system"
        row.reject("LEA-018", message, field="status", needed=needed)
        row.values["status"] = LeadStatus.NEW


def _prepare_links(draft: Draft) -> None:
    """Keep links by their ids, which the import has checked; a known contact is linked without being asked for."""
    for name in _LINKS:
        if name in draft.given:
            draft.given[f"{name}_id"] = draft.given.pop(name)
    draft.given["link_known"] = True


def _spell(row: ImportRow) -> None:
    """Bring address and numbers into the form in which they are kept, so that they are compared in it."""
    if email := row.draft.derived.get("email"):
        row.values["email"] = email.shown
    for name in drafts.NUMBERS:
        if name in row.draft.given:
            row.values[name] = row.draft.given[name]


def load(batch: Batch) -> None:
    """Load the known leads."""
    load_visible(batch, batch.alive, "accounts.lead")


def write(batch: Batch) -> None:
    """Create the new rows and change the known ones, inside the open change."""
    fresh = [row.draft for row in batch.new]
    arriving.name_owners(fresh)
    for row, lead in zip(batch.new, creating.write_new(fresh, batch.by), strict=True):
        row.record, row.record_id = lead, lead.pk
    _change(batch)


def _change(batch: Batch) -> None:
    """Change what differs in the known rows."""
    changing = [_changing(row) for row in batch.changed]
    arriving.assign_owners(changing)
    before = {draft.record.pk: draft.record.version for draft in changing}
    for draft in changing:
        drafts.fill(draft)
    audit.write_many([draft.record for draft in changing])
    for draft in changing:
        if draft.record.version != before[draft.record.pk]:
            outbox.emit("lead.edited", draft.record, {"fields": sorted(draft.given), "by": batch.by.pk})


def _changing(row: ImportRow) -> Draft:
    """Return what changed over there as a draft of the known lead; a new address brings its match along."""
    given: dict[str, Any] = arriving.changes(row)
    for name in _LINKS:
        if name in given:
            given[f"{name}_id"] = given.pop(name) or None
    draft = Draft(row.record, given)
    if "email" in given:
        draft.derived |= {
            name: row.draft.derived[name]
            for name in ("email", "account", "contact")
            if name in row.draft.derived
        }
    return draft
