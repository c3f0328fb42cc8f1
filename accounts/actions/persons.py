"""What contacts and leads have in common: a name made of its parts, an address, and who has that address already."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from accounts.enums import OPEN_LEAD
from accounts.models import Contact, ContactEmail, Lead
from accounts.validators import BadEmail, Email, read_email
from revops.kernel.audit import Finding, Remedy
from revops.kernel.folding import fold
from revops.kernel.identity.models import User
from revops.kernel.records import drafting
from revops.kernel.records.drafting import Draft

NAME_PARTS = frozenset({"first_name", "last_name"})
OTHER_NEEDS = 15


def name(record: Contact | Lead) -> None:
    """Make the name of a person of its parts, and the form in which names are compared."""
    record.name = " ".join(part for part in (record.first_name, record.last_name) if part)
    record.name_key = fold(record.name)[:322]


def read_address(draft: Draft, code: str) -> Email | None:
    """Return the address that was given, if one was; refuse what is none."""
    given = draft.given.get("email")
    if not given:
        return None
    try:
        return read_email(given)
    except BadEmail as error:
        draft.refuse(code, str(error), "email", found=given, needed="an e-mail address")
        return None


def explain_other(draft: Draft, field: str, note: str, code: str) -> None:
    """Refuse “other” in a controlled list without words that say what it is (INV-1.6)."""
    words = draft.value(note)
    if draft.given.get(field) != "other" or len(words) >= OTHER_NEEDS:
        return
    message = f"“Other” needs a note of at least {OTHER_NEEDS} characters; it has {len(words)}."
    draft.refuse(code, message, note, found=words, needed=f"{OTHER_NEEDS} characters")


@dataclass(frozen=True, slots=True)
class Known:
    """A record that has an address already: what may be told of it to whoever enters that very address."""

    key: str
    model: type[Contact] | type[Lead]
    pk: int
    name: str
    holder: str
    account_id: int | None

    @property
    def noun(self) -> str:
        return "contact" if self.model is Contact else "lead"

    @property
    def url(self) -> str:
        return f"/{self.noun}s/{self.pk}/"


def contacts_with(keys: Collection[str]) -> dict[str, Known]:
    """Return the contact that has each of these addresses, in one query."""
    rows = ContactEmail.objects.filter(address_key__in=keys, is_active=True).values_list(
        "address_key",
        "contact_id",
        "contact__name",
        "contact__owner__name",
        "contact__queue__name",
        "contact__account_id",
    )
    return {row[0]: Known(row[0], Contact, row[1], row[2], row[3] or row[4], row[5]) for row in rows}


def open_leads_with(keys: Collection[str]) -> dict[str, Known]:
    """Return the open lead that has each of these addresses, in one query."""
    rows = Lead.objects.filter(email_key__in=keys, status__in=OPEN_LEAD).values_list(
        "email_key", "pk", "name", "owner__name", "queue__name", "matched_account_id"
    )
    return {row[0]: Known(row[0], Lead, row[1], row[2], row[3] or row[4], row[5]) for row in rows}


def seen_of(known: Sequence[Known], by: User) -> set[tuple[type, int]]:
    """Return which of these records `by` sees, in one query a model."""
    seen: set[tuple[type, int]] = set()
    for model in (Contact, Lead):
        ids = [one.pk for one in known if one.model is model]
        if ids:
            rows = model.objects.filter(pk__in=ids).visible_to(by)
            seen |= {(model, pk) for pk in rows.values_list("pk", flat=True)}
    return seen


def taken(
    known: Known, shown: str, code: str, *, seen: bool, way_on: str = "", remedies: Sequence[Remedy] = ()
) -> Finding:
    """Say who has an address: name and owner and nothing else, even outside one's scope (architecture §10)."""
    ways = (
        (Remedy(f"Open that {known.noun}", known.url), Remedy("Add an activity there", known.url))
        if seen
        else (Remedy("Ask its owner for access"),)
    )
    what = f"work with that {known.noun}" if seen else "ask its owner for access"
    return Finding(
        code,
        f"{shown} belongs to the {known.noun} {known.name} (owner: {known.holder}). "
        f"An address belongs to one person: {what}{way_on}.",
        field="email",
        found=shown,
        needed="an address that nobody has",
        remedies=(*ways, *remedies),
    )


def repeated(code: str, shown: str, line: int | None) -> Finding:
    """Say that an address stands in the file already."""
    where = f"line {line}" if line else "another row"
    message = f"{shown} stands in {where} of this file already. Keep it on one of them."
    return Finding(code, message, field="email", found=shown, needed="an address of its own for each row")


def link_people(drafts: Sequence[Draft], links: Mapping[str, object], by: User, *, code: str) -> None:
    """Replace ids by records for those of `links` that any draft names; nothing named costs nothing."""
    named = {field: model for field, model in links.items() if any(d.given.get(field) for d in drafts)}
    drafting.link(drafts, named, by, code=code)
