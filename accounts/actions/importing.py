"""Import accounts: the same drafts, checks and writes as one by one, a chunk at a time. Source: mappings.md."""

from typing import Any

from accounts.actions import creating, drafts, hierarchy, holders
from accounts.actions.drafts import Draft
from accounts.enums import DomainKind
from accounts.models import Account, AccountDomain
from revops.kernel import audit, outbox
from revops.kernel.audit import Finding, Source
from revops.kernel.exchange.importers import Batch, ImportRow, load_visible

# What a migration keeps although an ordinary write would refuse it: findings instead of rejections.
_RELAXED = frozenset({"ACC-003", "ACC-006"})
# A domain that identifies nobody is left out of a migrated account; the account itself stays.
_DROPPED_DOMAIN = frozenset({"ACC-001", "ACC-011"})


def prepare(batch: Batch) -> None:
    """Read each row as a draft and refuse what the rules refuse. Queries only.

    A known row is held against the account as it is, so that what the file leaves out counts as well.
    """
    load_visible(batch, batch.alive, "accounts.account")
    for row in batch.alive:
        _leave_alone(row)
    made = [(row, _draft(row)) for row in batch.alive if row.record_id is None or row.record is not None]
    drafts.check([draft for _, draft in made], batch.by)
    creating.check_tree([draft for _, draft in made if isinstance(draft.given.get("parent"), Account)])
    for row, draft in made:
        if draft.domain and "domain" in row.values:
            row.values["domain"] = draft.domain
        for finding in draft.findings:
            _tell(batch, row, finding)
        row.draft = draft


def _leave_alone(row: ImportRow) -> None:
    """Drop the empty cells of what an account always has: they change nothing."""
    always = drafts.NEVER_EMPTY if row.record_id is None else drafts.NEVER_EMPTY | {"name"}
    for name in always & row.values.keys():
        if row.values[name] in ("", None):
            del row.values[name]


def _draft(row: ImportRow) -> Draft:
    account = Account() if row.record is None else row.record
    given = {name: value for name, value in row.values.items() if value not in (None, "")}
    parent = given.pop("parent", None)
    draft = drafts.read(given, account, clean=True)
    if isinstance(parent, int):
        draft.given["parent"] = parent
    return draft


def _tell(batch: Batch, row: ImportRow, finding: Finding) -> None:
    if batch.migration and finding.code in _DROPPED_DOMAIN:
        row.tell(finding.code, finding.message + " Left out.", field=finding.field, needed=finding.needed)
        row.values["domain"] = ""
    elif batch.migration and finding.code in _RELAXED:
        row.tell(finding.code, finding.message, field=finding.field, needed=finding.needed)
    else:
        remedy = finding.remedies[0].label if finding.remedies else ""
        row.reject(finding.code, finding.message, field=finding.field, needed=finding.needed, remedy=remedy)


def load(batch: Batch) -> None:
    """Load the known accounts; the stored domain is the file's where the account has it in any kind."""
    load_visible(batch, [row for row in batch.alive if row.record is None], "accounts.account")
    named = [row for row in batch.alive if row.record is not None and "domain" in row.values]
    rows = AccountDomain.objects.filter(account__in=[row.record_id for row in named], is_active=True)
    held = set(rows.values_list("account_id", "domain")) if named else set()
    for row in named:
        theirs = row.values["domain"]
        has_it = (row.record_id, theirs) in held
        row.stored = {**row.stored, "domain": theirs if has_it else row.record.primary_domain}


def write(batch: Batch) -> None:
    """Create the new rows and change the known ones, inside the open change."""
    fresh = [_checked(row) for row in batch.new]
    for row, account in zip(batch.new, creating.write_new(fresh, batch.by), strict=True):
        row.record, row.record_id = account, account.pk
    _change(batch)


def _checked(row: ImportRow) -> Draft:
    """Return the draft that was checked, without a domain that was left out."""
    draft: Draft = row.draft
    if not row.values.get("domain"):
        draft.domain = ""
    return draft


def _ready(account: Account, changes: dict[str, Any]) -> Draft:
    """Return what changes in a known account, as the writer takes it."""
    given = dict(changes)
    return Draft(account, given, domain=given.pop("domain", None) or "")


def _resolve(ready: list[Draft]) -> None:
    """Turn the ids of parents into records, in one query."""
    wanted = {draft.given["parent"] for draft in ready if isinstance(draft.given.get("parent"), int)}
    found = Account.objects.in_bulk(wanted) if wanted else {}
    for draft in ready:
        if "parent" in draft.given:
            draft.given["parent"] = found.get(draft.given["parent"] or 0)


def _change(batch: Batch) -> None:
    """Change what differs in the known rows; a new parent brings what lies below up to date."""
    changing = [_ready(row.record, row.changes) for row in batch.changed]
    _resolve(changing)
    moved = [draft for draft in changing if "parent" in draft.given]
    hierarchy.lock_for_moves(
        {d.account.pk: d.given["parent"].pk for d in moved if d.given["parent"] is not None}
    )
    before = {draft.account.pk: draft.account.version for draft in changing}
    for draft in changing:
        creating.fill(draft)
    # Who follows a parent that moves as well gets the parent's new holder from `flow_down`.
    moving = {draft.account.pk for draft in moved}
    holders.derive_again(
        [
            draft.account
            for draft in moved
            if not (draft.account.inherit_ownership and draft.account.parent_id in moving)
        ],
        batch.by,
    )
    _add_domains([draft for draft in changing if draft.domain])
    audit.write_many([draft.account for draft in changing])
    for draft in changing:
        if draft.account.version != before[draft.account.pk]:
            outbox.emit("account.edited", draft.account, {"fields": sorted(draft.given), "by": batch.by.pk})
    hierarchy.flow_down([draft.account for draft in moved])


def _add_domains(changing: list[Draft]) -> None:
    """Give accounts the domain of the file: as their primary one where they have none, else as an alias."""
    rows = []
    for draft in changing:
        kind = DomainKind.ALIAS if draft.account.primary_domain else DomainKind.PRIMARY
        rows.append(
            AccountDomain(account=draft.account, domain=draft.domain, kind=kind, source=Source.IMPORT)
        )
        draft.account.primary_domain = draft.account.primary_domain or draft.domain
    audit.write_many(rows)
