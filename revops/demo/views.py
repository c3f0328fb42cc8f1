"""The views of the demo company: what its managers and operations share, and whose lists open with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.identity.models import User
from revops.kernel.records.views import actions
from revops.kernel.records.views.enums import Layout

_ME = {"f": "owner", "op": "eq", "v": {"param": "me"}}
_OPEN = {"f": "stage", "op": "not_in", "v": ["closed_won", "closed_lost"]}
_THIS_QUARTER = {
    "f": "close_date",
    "op": "between",
    "v": [{"param": "this_quarter_start"}, {"param": "this_quarter_end"}],
}
_SILENT = {"f": "last_buyer_activity_at", "op": "older_than", "v": "P30D"}
_LATE = {"f": "next_step_on", "op": "before", "v": {"now": "P0D"}}


@dataclass(frozen=True, slots=True)
class Shared:
    """A view of the demo company: who keeps it, what it shows, with which roles it is shared, whose default it is."""

    owner: str
    of: str
    name: str
    content: Mapping[str, Any]
    roles: tuple[str, ...] = ()
    default: tuple[str, ...] = ()
    pinned: tuple[str, ...] = field(default_factory=tuple)
    layout: Layout = Layout.LIST


SHARED = (
    Shared(
        "rita",
        "opportunities",
        "Closing this quarter",
        {"where": {"all": [_OPEN, _THIS_QUARTER]}, "sort": "close_date"},
        ("everyone",),
        pinned=("alice", "bob", "mona", "rita", "dora", "vera"),
    ),
    Shared(
        "mona",
        "opportunities",
        "My open deals",
        {"where": {"all": [_ME, _OPEN]}, "sort": "close_date"},
        ("AE", "SALES_MGR"),
        default=("AE",),
    ),
    Shared(
        "rita",
        "opportunities",
        "Needs attention",
        {
            "where": {"all": [_OPEN, {"any": [_SILENT, _LATE]}]},
            "columns": ["name", "account", "stage", "amount", "owner", "next_step", "next_step_on"],
            "sort": "-amount",
        },
        ("SALES_MGR", "DIRECTOR", "VP_SALES", "REVOPS"),
        pinned=("mona", "dora"),
    ),
    Shared(
        "rita",
        "accounts",
        "Customers",
        {"filters": {"status": "customer"}, "columns": ["name", "industry", "segment", "country", "owner"]},
        ("everyone",),
        pinned=("rita", "lena", "carla"),
    ),
    Shared(
        "mona",
        "opportunities",
        "Pipeline board",
        {"group": "stage", "sort": "close_date", "where": _OPEN},
        ("AE", "SALES_MGR"),
        pinned=("alice", "bob", "mona"),
        layout=Layout.BOARD,
    ),
    Shared("alice", "leads", "Fresh leads", {"where": {"f": "created_at", "op": "within", "v": "P7D"}}),
)


def keep(people: Mapping[str, User]) -> None:
    """Keep, share and pin them all."""
    for one in SHARED:
        owner = people[one.owner]
        view = actions.create_view(
            by=owner, record_type=one.of, name=one.name, content=one.content, layout=one.layout
        )
        if one.roles:
            actions.share_view(by=owner, pk=view.pk, roles=one.roles)
        if one.default:
            actions.set_default(by=owner, pk=view.pk, roles=one.default)
        for key in one.pinned:
            actions.pin_view(by=people[key], pk=view.pk)
