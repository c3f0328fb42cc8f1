"""What stands around the rows of a list: its tabs, its heads, its pages, and what a saved view makes of its address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.records import listing
from revops.kernel.records.models import SavedView
from revops.kernel.records.registry import Field, FieldKind, RecordType
from revops.kernel.records.views import contents, queries
from revops.kernel.records.views.opening import ALL, Opened, opened, over
from revops.web import formatting, properties
from revops.web.addresses import Address

NUMBERS = (FieldKind.MONEY, FieldKind.INTEGER, FieldKind.PERCENT)


@dataclass(frozen=True, slots=True)
class Head:
    """One column's head: its label, where a click sorts, how it is sorted now, and its width (none: as it falls)."""

    name: str
    label: str
    number: bool
    url: str
    sorted: str
    width: int | None = None


@dataclass(frozen=True, slots=True)
class TabLink:
    """A tab above a list."""

    label: str
    url: str
    chosen: bool
    edited: bool = False


def open_list(
    record_type: RecordType, user: Any, given: Mapping[str, str], tabs: Sequence[queries.Tab]
) -> Opened:
    """Return the list that an address means; a view that is a tab is not read again. Raises DoesNotExist."""
    held = next((tab.view for tab in tabs if str(tab.view.pk) == given.get("view")), None)
    if held is not None:
        return over(held, {name: text for name, text in given.items() if name != "view"})
    return opened(record_type, user, given)


def address_of(record_type: RecordType, held: Opened) -> Address:
    """Return the address of an opened list."""
    view = str(held.view.pk) if held.view else ""
    return Address(f"/{record_type.slug}/", held.parameters, held.base, view)


def tab_links(record_type: RecordType, user: Any, held: Opened, tabs: Sequence[queries.Tab]) -> list[TabLink]:
    """Return All, Mine, the tabs of saved views, and the opened view where it is none of them."""
    path, chosen = f"/{record_type.slug}/", held.parameters.get("owner", "") if held.view is None else ""
    mine = chosen in ("me", str(user.pk))
    whole = f"{path}?view={ALL}" if queries.default(tabs) else path
    links = [TabLink("All", whole, held.view is None and not mine)]
    owner = record_type.by_name.get("owner")
    if owner is not None and owner.filterable and "owner" in access.readable(user, record_type.label):
        links.append(TabLink("Mine", f"{path}?owner=me", mine))
    views = [tab.view for tab in tabs]
    if held.view is not None and held.view not in views:
        views.append(held.view)
    for view in views:
        here = held.view is not None and held.view.pk == view.pk
        links.append(TabLink(view.name, f"{path}?view={view.pk}", here, here and held.differs))
    return links


def may_change(view: SavedView | None, user: Any) -> bool:
    """Say whether `user` may save changes into an opened view; without a query, and asked again when it is written."""
    return view is not None and (
        view.owner_id == user.pk or access.may_ever(user, "keep", "records.savedview")
    )


def columns(record_type: RecordType, user: Any, held: Opened) -> list[str]:
    """Return the columns to show. What a view says and its reader may not read is left out.

    Raises Blocked for a column of the address that cannot be read, as for one that does not exist.
    """
    readable = {field.name for field in properties.readable(record_type, user)}
    wanted = held.parameters.get("columns", "")
    names = list(dict.fromkeys(name for name in wanted.split(",") if name))
    if wanted == held.base.get("columns"):
        names = [name for name in names if name in readable]
    for name in names:
        if name not in readable:
            needed = "one of " + ", ".join(
                field.name for field in record_type.fields if field.name in readable
            )
            raise Blocked.because(
                "LST-001",
                f"columns: {name[:80]!r} does not fit. Use {needed}.",
                field="columns",
                found=name,
                needed=needed,
            )
    return names or [name for name in record_type.columns if name in readable]


def heads(
    record_type: RecordType, names: Sequence[str], query: listing.Query, address: Address
) -> list[Head]:
    """Return the heads of the columns."""
    widths = contents.widths(address.parameters.get("widths", ""))
    return [_head(record_type.by_name[name], query, address, widths.get(name)) for name in names]


def _head(field: Field, query: listing.Query, address: Address, width: int | None) -> Head:
    number = field.kind in NUMBERS
    if not field.sortable:
        return Head(field.name, field.label, number, "", "", width)
    here = query.sort.name == field.name
    turned = here and not query.descending
    state = ("descending" if query.descending else "ascending") if here else ""
    url = address.to(sort=f"-{field.name}" if turned else field.name)
    return Head(field.name, field.label, number, url, state, width)


def pager(user: Any, query: listing.Query, found: listing.Page, address: Address) -> dict[str, Any]:
    """Return the cursors of the neighbours and what can honestly be said about where one is."""
    first = _whole(address.parameters.get("from", "")) if query.after or query.before else 1
    count = len(found.rows)
    last = first + count - 1 if first else 0
    total = ""
    if address.parameters.get("count") == "exact":
        total = formatting.number(listing.matching(query, user).count())
    elif not found.next and first:
        total = formatting.number(last)
    following = address.to(after=found.next, **({"from": last + 1} if first else {})) if found.next else ""
    earlier = {"from": first - query.limit} if first > query.limit else {}
    return {
        "shown": "–".join(formatting.number(one) for one in ((first, last) if first and count else (count,))),
        "total": total,
        "count_url": address.to(**_place(address), count="exact"),
        "next": following,
        "previous": address.to(before=found.previous, **earlier) if found.previous else "",
        "count": count,
    }


def _place(address: Address) -> dict[str, str]:
    return {
        name: address.parameters[name] for name in ("after", "before", "from") if name in address.parameters
    }


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
