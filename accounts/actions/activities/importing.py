"""Import activities: the checks and writes of single ones, a chunk at a time. Source: mappings.md."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from accounts.actions.activities import linking, rules, writing
from accounts.actions.activities.editing import set_contacts
from accounts.actions.activities.translating import translate
from accounts.models import Account, Activity, ActivityAttendee, Contact, Lead
from revops.kernel import audit, clocks
from revops.kernel.exchange import external_ids
from revops.kernel.exchange.importers import Batch, ImportRow, load_visible
from revops.kernel.identity.models import User
from revops.kernel.people.access.organisation import current as organisation
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

# What an upper app does about the records that imported activities were about: (system, [(activity, id there)]).
About = Callable[[str, Sequence[tuple[Activity, str]]], None]
# A migration keeps them without an outcome; everything else is refused there as well.
_RELAXED = frozenset({"ACT-002"})

_about: dict[str, About] = {}


def about(owner: str, hook: About) -> None:
    """Let the app `owner` link imported activities to its records, inside the change that writes them."""
    if _about.setdefault(owner, hook) is not hook:
        raise ValueError(f"{owner!r} links imported activities already.")


def prepare(batch: Batch) -> None:
    """Read each row as a draft in our words and refuse what the rules refuse. Queries only."""
    now = clocks.now()
    for row in batch.alive:
        translate(row, migration=batch.migration, now=now)
    _resolve(batch)
    owners = User.objects.in_bulk({row.values["owner"] for row in batch.alive if row.values.get("owner")})
    named = {name: _named(batch, name, model) for name, model in linking.LINKS.items()}
    made = [(row, _draft(row, owners, named)) for row in batch.alive]
    linking.link_contacts([draft for _, draft in made], batch.by)
    for row, draft in made:
        rules.fill_in(draft, now, say=not batch.migration)
        rules.check(draft, now)
        if row.record_id is None:
            linking.derive_account(draft)
        for finding in draft.findings:
            if not (batch.migration and finding.code in _RELAXED):
                row.reject(finding.code, finding.message, field=finding.field, needed=finding.needed)
        row.values |= {name: draft.given[name] for name in ("direction", "outcome") if name in draft.given}
        row.draft = draft


def _named(batch: Batch, name: str, model: Any) -> dict[int, Any]:
    """Return the records that rows name by id in the field `name`; that `by` sees them was checked already."""
    found: dict[int, Any] = model.objects.in_bulk(
        {row.values[name] for row in batch.alive if row.values.get(name)}
    )
    return found


def _draft(row: ImportRow, owners: dict[int, User], named: dict[str, dict[int, Any]]) -> Draft:
    activity = Activity(pk=row.record_id)
    activity._state.adding = row.record_id is None
    given = {name: value for name, value in row.values.items() if value not in (None, "")}
    what = given.pop("what", "")
    draft = drafting.read(given, activity, clean=True)
    if "owner" in given:
        draft.given["owner"] = owners[given["owner"]]
    for name in linking.LINKS:
        if name in given:
            draft.given[name] = named[name][given[name]]
    draft.derived["what"] = what
    return draft


def _resolve(batch: Batch) -> None:
    """Turn the ids that `who`, `people` and `what` hold into contacts, leads and accounts within sight."""
    who = {row.external_id: _parts(row) for row in batch.alive}
    every = {one for parts in who.values() for one in parts}
    contacts = _known(batch, "accounts.contact", Contact, every)
    leads = _known(batch, "accounts.lead", Lead, every - contacts.keys())
    about = {
        row.values["what"] for row in batch.alive if row.values.get("what") and not row.values.get("account")
    }
    accounts = _known(batch, "accounts.account", Account, about)
    for row in batch.alive:
        parts = who[row.external_id]
        ours = row.values.get("contacts") or ()
        row.values["contacts"] = sorted({*ours, *(contacts[one] for one in parts if one in contacts)})
        lead = next((leads[one] for one in parts if one in leads), None)
        if lead is not None:
            row.values["lead"] = lead
        if not row.values.get("account") and row.values.get("what") in accounts:
            row.values["account"] = accounts[row.values["what"]]
        for one in parts:
            if one not in contacts and one not in leads:
                message = "No contact or lead with this id is known that you can see."
                needed = "the id of a contact or lead that is imported already"
                row.reject("ACT-008", message, field="who", found=one, needed=needed)


def _parts(row: ImportRow) -> list[str]:
    """Return the ids of everybody a row names, each once."""
    texts = (row.values.pop("who", None) or "", row.values.pop("people", None) or "")
    parts = [part.strip() for text in texts for part in text.replace(";", ",").split(",")]
    return list(dict.fromkeys(part for part in parts if part))


def _known(batch: Batch, record_type: str, model: Any, wanted: Iterable[str]) -> dict[str, int]:
    """Return the ids of the records that the other system's ids stand for, as far as `by` sees them."""
    found = external_ids.find(batch.system, record_type, wanted) if wanted else {}
    if not found:
        return {}
    rows = model.objects.filter(pk__in=found.values()).visible_to(batch.by)
    seen = set(rows.values_list("pk", flat=True))
    return {text: pk for text, pk in found.items() if pk in seen}


def load(batch: Batch) -> None:
    """Load the known activities, with who took part in them."""
    load_visible(batch, batch.alive, "accounts.activity")
    known = {row.record.pk: row for row in batch.alive if row.record is not None}
    rows = ActivityAttendee.objects.filter(activity_id__in=known, is_active=True)
    held: dict[int, list[int]] = {}
    for activity, contact in rows.values_list("activity_id", "contact_id") if known else ():
        held.setdefault(activity, []).append(contact)
    for pk, row in known.items():
        row.stored = {**row.stored, "contacts": sorted(held.get(pk, []))}


def write(batch: Batch) -> None:
    """Create the new rows and change the known ones, inside the open change; then let upper apps link them."""
    drafts = [row.draft for row in batch.new]
    for row, activity in zip(batch.new, writing.write_new(drafts, batch.by), strict=True):
        row.record, row.record_id = activity, activity.pk
    _change(batch)
    told = [(row.record, row.draft.derived["what"]) for row in batch.new if row.draft.derived["what"]]
    for hook in _about.values() if told else ():
        hook(batch.system, told)


def _change(batch: Batch) -> None:
    """Change what differs in the known rows; whether they qualify is decided anew."""
    rows = batch.changed
    for row in rows:
        for name in row.changes.keys() - {"contacts", "what"}:
            value = row.draft.given.get(name, "" if isinstance(row.stored.get(name), str) else None)
            setattr(row.record, name, value)
        if "owner" in row.changes:
            row.record.team_id = organisation().home_team.get(row.record.owner_id)
    named = [(row.record, row.draft.given.get("contacts") or ()) for row in rows if "contacts" in row.changes]
    set_contacts(named)
    numbers = {row.record_id: len(row.stored.get("contacts", ())) for row in rows}
    numbers |= {activity.pk: len(contacts) for activity, contacts in named}
    for row in rows:
        row.record.qualifies_buyer = writing.judged(
            row.record, numbers[row.record_id], audit.current().occurred_at
        )
    before = {row.record_id: row.record.version for row in rows}
    audit.write_many([row.record for row in rows])
    for row in rows:
        if row.record.version != before[row.record_id]:
            contacts = [contact.pk for contact in row.draft.given.get("contacts") or ()]
            writing.tell("activity.edited", row.record, contacts)
