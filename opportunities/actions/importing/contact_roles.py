"""Import the contacts in deals: listed roles are translated, others kept with their own label. Source: mappings.md."""

from opportunities.enums import BuyingRole
from opportunities.models import OppContactRole
from revops.kernel import audit
from revops.kernel.audit.writing import lock_many
from revops.kernel.exchange.importers import Batch, ImportRow

_Key = tuple[int, int, str, str]
_SEEN = "opportunities.contact_roles"


def prepare(batch: Batch) -> None:
    """Refuse a contact who is in the deal in this role already, here or in another row of the file."""
    rows = [row for row in batch.alive if row.record_id is None]
    for row in rows:
        if not row.values.get("role"):
            row.values["role"] = str(BuyingRole.OTHER)
        row.values["is_primary"] = bool(row.values.get("is_primary"))
    deals = {row.values["opportunity"] for row in rows if isinstance(row.values.get("opportunity"), int)}
    held = OppContactRole.objects.filter(opportunity__in=deals, is_active=True)
    fields = ("opportunity_id", "contact_id", "role", "raw_label")
    taken = (
        {key for key in held.values_list(*fields) if key[2:] != (BuyingRole.OTHER, "")} if deals else set()
    )
    earlier: dict[_Key, int] = batch.rehearsed.setdefault(_SEEN, {})
    mine: dict[_Key, int] = {}
    for row in rows:
        key = _key(row)
        line = mine.get(key) or earlier.get(key)
        if key in taken or line:
            where = f" in line {line}" if line else ""
            message = f"The contact is in this deal in this role already{where}."
            row.reject("OPP-063", message, field="contact", needed="a contact once in a role")
        elif not row.rejected:
            mine[key] = row.line
    if batch.dry_run:
        earlier.update(mine)


def _key(row: ImportRow) -> _Key:
    values = row.values
    return (
        values.get("opportunity") or 0,
        values.get("contact") or 0,
        values["role"],
        values.get("raw_label") or "",
    )


def write(batch: Batch) -> None:
    """Write the new roles, inside the open change.

    A contact whom the deal's own row named without a role gets the one of its first row here. One contact a deal is
    the primary one: the first that the file names so.
    """
    deals = {row.values["opportunity"] for row in batch.new}
    held = lock_many(OppContactRole.objects.filter(opportunity__in=deals, is_active=True)) if deals else []
    nameless = {
        (one.opportunity_id, one.contact_id): one
        for one in held
        if (one.role, one.raw_label) == (BuyingRole.OTHER, "")
    }
    crowned: set[int] = set()
    for row in batch.new:
        values = row.values
        place = (values["opportunity"], values["contact"])
        role = nameless.pop(place, None) or OppContactRole(opportunity_id=place[0], contact_id=place[1])
        role.role, role.raw_label = values["role"], values.get("raw_label") or ""
        if values["is_primary"] and place[0] not in crowned:
            crowned.add(place[0])
            _dethrone(held, place[0])
            role.is_primary = True
        row.record = role
    _write_all(held, [row.record for row in batch.new])
    for row in batch.new:
        row.record_id = row.record.pk
    _change(batch)


def _dethrone(held: list[OppContactRole], deal: int) -> None:
    for one in held:
        if one.opportunity_id == deal:
            one.is_primary = False


def _write_all(held: list[OppContactRole], roles: list[OppContactRole]) -> None:
    """Write who is the primary one no longer before who is now: one at a time, says the database."""
    fresh = [one for one in roles if one._state.adding]
    audit.write_many([one for one in held if not one.is_primary])
    audit.write_many([one for one in held if one.is_primary])
    audit.write_many(fresh)


def _change(batch: Batch) -> None:
    """Change the role of known rows; deal and contact of a row stay what they are."""
    for row in batch.changed:
        row.record.role = row.changes.get("role") or row.record.role
        row.record.raw_label = row.changes.get("raw_label", row.record.raw_label) or ""
    audit.write_many([row.record for row in batch.changed])
