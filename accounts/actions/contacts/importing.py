"""Import contacts: the same checks and writes as one by one, a chunk at a time. Source: mappings.md."""

from collections.abc import Iterable

from accounts.actions import arriving
from accounts.actions.contacts import creating, drafts
from accounts.actions.contacts.drafts import NUMBERS, PARTS
from accounts.enums import PhoneKind
from accounts.models import Account, Contact, ContactEmail, ContactPhone
from accounts.validators import Phone, read_phone
from revops.kernel import audit, outbox
from revops.kernel.exchange.importers import Batch, ImportRow, load_visible
from revops.kernel.records.drafting import Draft

# What a migration tells and keeps, although a form would refuse it.
_RELAXED = frozenset({"CON-003", "CON-006"})
# What it leaves out: the contact itself stays.
_LEFT_OUT = frozenset({"CON-001", "CON-002", "CON-007", "CON-012", "CON-014"})
# An address that an open lead has as well is told in every import: contacts and leads come as two files.
_TOLD = frozenset({"CON-013"})
# Written once: a later file changes neither.
_ONCE = frozenset({"source_original", "created_at"})


def prepare(batch: Batch) -> None:
    """Read each row as a draft and refuse what the rules refuse. Queries only."""
    rows = batch.alive
    for row in rows:
        arriving.drop_what_stays(row, drafts.NEVER_EMPTY, _ONCE)
        if batch.migration and row.record_id is None and not row.values.get("last_name"):
            _name_anyway(row)
        arriving.refuse_history(batch, row, {"created_at"}, "CON-018")
        row.draft = arriving.draft_of(Contact, row, migrated=batch.migration)
    _put_accounts([row.draft for row in rows])
    for row in rows:
        drafts.consider(row.draft)
        drafts.read_numbers(row.draft)
    drafts.check_addresses([row.draft for row in rows], batch.by)
    arriving.check_rehearsed(batch, rows, "CON-014")
    for row in rows:
        arriving.tell(batch, row, relaxed=_RELAXED, left_out=_LEFT_OUT, told=_TOLD)
        _spell(row)
    arriving.rehearse(batch, rows)


def _name_anyway(row: ImportRow) -> None:
    """Call a person without a last name by what there is: a migration keeps them."""
    values = row.values
    fallback = values.get("first_name") or (values.get("email") or "").partition("@")[0] or "Unknown"
    if values.get("first_name"):
        values["first_name"] = ""
    message = f"The contact has no last name; it is called {fallback}."
    row.tell("CON-003", message, field="last_name", found="", needed="a last name")
    values["last_name"] = fallback[:80]


def _put_accounts(ready: Iterable[Draft]) -> None:
    """Turn the ids of accounts into records, in one query."""
    naming = [draft for draft in ready if isinstance(draft.given.get("account"), int)]
    found = Account.objects.in_bulk({draft.given["account"] for draft in naming}) if naming else {}
    for draft in naming:
        draft.given["account"] = found.get(draft.given["account"])


def _spell(row: ImportRow) -> None:
    """Bring address and numbers into the form in which they are kept, so that they are compared in it."""
    if email := row.draft.derived.get("email"):
        row.values["email"] = email.shown
    for name, phone in row.draft.derived.get("by_field", {}).items():
        row.values[name] = phone.shown


def load(batch: Batch) -> None:
    """Load the known contacts; an address or number of the file is the stored one where the contact has it at all."""
    load_visible(batch, batch.alive, "accounts.contact")
    known = [row for row in batch.alive if row.record is not None and PARTS & row.values.keys()]
    if not known:
        return
    ids = [row.record_id for row in known]
    emails = ContactEmail.objects.filter(contact__in=ids, is_active=True)
    phones = ContactPhone.objects.filter(contact__in=ids, is_active=True)
    addresses = set(emails.values_list("contact_id", "address_key"))
    numbers: dict[int, list[tuple[str, str, str]]] = {}
    for pk, *number in phones.order_by("pk").values_list("contact_id", "number_key", "kind", "number"):
        numbers.setdefault(pk, []).append((number[0], number[1], number[2]))
    for row in known:
        held = numbers.get(row.record_id or 0, [])
        row.stored = {**row.stored, **_stored_address(row, addresses), **_stored_numbers(row, held)}


def _stored_address(row: ImportRow, held: set[tuple[int, str]]) -> dict[str, str]:
    """Return the file's address where the contact has it, else its own main one."""
    email = row.draft.derived.get("email") if row.draft is not None else None
    if email is not None and (row.record_id, email.key) in held:
        return {"email": email.shown}
    return {"email": row.record.primary_email}


def _stored_numbers(row: ImportRow, held: list[tuple[str, str, str]]) -> dict[str, str]:
    """Return the file's numbers where the contact has them, else its own first one of the kind."""
    found = {}
    for name in NUMBERS.keys() & row.values.keys():
        key = read_phone(row.values[name]).key if row.values[name] else ""
        has_it = any(number == key for number, _, _ in held)
        own = next((shown for _, kind, shown in held if kind == NUMBERS[name]), "")
        found[name] = row.values[name] if key and has_it else own
    return found


def write(batch: Batch) -> None:
    """Create the new rows and change the known ones, inside the open change."""
    fresh = [row.draft for row in batch.new]
    arriving.name_owners(fresh)
    for row, contact in zip(batch.new, creating.write_new(fresh, batch.by), strict=True):
        row.record, row.record_id = contact, contact.pk
    _change(batch)


def _change(batch: Batch) -> None:
    """Change what differs in the known rows; addresses and numbers of the file are added, none is taken away."""
    changing = [_changing(row) for row in batch.changed]
    _put_accounts(changing)
    arriving.assign_owners(changing)
    before = {draft.record.pk: draft.record.version for draft in changing}
    for draft in changing:
        creating.fill(draft)
    _add_parts(changing)
    audit.write_many([draft.record for draft in changing])
    for draft in changing:
        if draft.record.version != before[draft.record.pk]:
            about = {"fields": sorted(draft.given), "by": batch.by.pk}
            outbox.emit("contact.edited", draft.record, about)


def _changing(row: ImportRow) -> Draft:
    """Return what changed over there as a draft of the known record."""
    given = arriving.changes(row)
    parts = {name: given.pop(name) for name in PARTS & given.keys()}
    draft = Draft(row.record, given)
    draft.derived["email"] = row.draft.derived.get("email") if parts.get("email") else None
    by_field = row.draft.derived.get("by_field", {})
    numbers: dict[str, tuple[PhoneKind, Phone]] = {}
    for name, phone in by_field.items():
        if parts.get(name):
            numbers.setdefault(phone.key, (NUMBERS[name], phone))
    draft.derived["numbers"] = list(numbers.values())
    return draft


def _add_parts(changing: list[Draft]) -> None:
    rows: list[ContactEmail | ContactPhone] = []
    for draft in changing:
        contact: Contact = draft.record
        if email := draft.derived["email"]:
            first = not contact.primary_email
            rows.append(
                ContactEmail(contact=contact, address=email.shown, address_key=email.key, is_primary=first)
            )
            contact.primary_email = contact.primary_email or email.shown
        for kind, phone in draft.derived["numbers"]:
            first = kind != PhoneKind.PERSONAL and not contact.primary_phone
            rows.append(
                ContactPhone(
                    contact=contact,
                    number=phone.shown,
                    number_key=phone.key,
                    kind=kind,
                    is_primary=first,
                )
            )
            contact.primary_phone = contact.primary_phone or (phone.shown[:32] if first else "")
    audit.write_many([row for row in rows if isinstance(row, ContactEmail)])
    audit.write_many([row for row in rows if isinstance(row, ContactPhone)])
