"""An export in words: for the log, and for its own page."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.exchange.exporting.enums import ExportFormat, ExportState, Layout
from revops.kernel.exchange.exporting.models import DataExport
from revops.kernel.people import access
from revops.kernel.records import listing, registry
from revops.web import chips, condition_words, formatting, preferences
from revops.web.addresses import Address

_TONES = {
    ExportState.WAITING: ("amber", "hourglass"),
    ExportState.QUEUED: ("blue", "loader-2"),
    ExportState.READY: ("green", "check"),
    ExportState.REJECTED: ("red", "x"),
    ExportState.DENIED: ("red", "lock"),
    ExportState.FAILED: ("red", "alert-triangle"),
    ExportState.EXPIRED: ("grey", "clock-off"),
}
_UNITS = ((1024**3, "GB"), (1024**2, "MB"), (1024, "kB"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    export: DataExport
    what: str
    state: str
    tone: str
    icon: str
    rows: str
    ago: str


def entry(export: DataExport, user: Any) -> Entry:
    """Return an export as a line of the log."""
    tone, icon = _TONES[ExportState(export.state)]
    rows = formatting.number(export.counted if export.rows is None else export.rows)
    state = str(ExportState(export.state).label)
    return Entry(export, plural(export), state, tone, icon, rows, formatting.relative(export.created_at))


def plural(export: DataExport) -> str:
    """Return what is exported, in words; a list that is no longer there by its label."""
    try:
        return registry.get(export.record_type).plural
    except LookupError:
        return export.record_type


def size(count: int) -> str:
    """Return a number of bytes as a person reads it."""
    for least, unit in _UNITS:
        if count >= least:
            return f"{count / least:,.1f} {unit}"
    return f"{count} bytes"


class Shown:
    """One export as one reader's page shows it."""

    def __init__(self, export: DataExport, user: Any) -> None:
        self.export, self.user = export, user
        self.entry = entry(export, user)
        self.zone = preferences.of(user).zone

    @property
    def title(self) -> str:
        return f"Export of {self.entry.what.lower()}"

    @property
    def mine(self) -> bool:
        return bool(self.export.requested_by_id == self.user.pk)

    @property
    def going(self) -> bool:
        """Whether something is being done about it right now."""
        return self.export.state == ExportState.QUEUED

    @property
    def percent(self) -> int:
        return min(99, self.export.written * 100 // max(self.export.counted, 1))

    @property
    def downloadable(self) -> bool:
        export = self.export
        until = export.expires_at
        return bool(
            self.mine and export.state == ExportState.READY and until is not None and until > clocks.now()
        )

    @property
    def decidable(self) -> bool:
        waits = self.export.state == ExportState.WAITING and not self.mine
        return waits and access.allowed(self.user, "approve", self.export)

    @cached_property
    def chips(self) -> list[chips.Chip]:
        """The filters in words, as far as the reader may read these fields."""
        try:
            kind = registry.get(self.export.record_type)
            query = listing.parse(kind, self.user, self.export.parameters)
        except (LookupError, Blocked):
            return []
        address = Address(f"/{kind.slug}/", self.export.parameters)
        return [
            *chips.chips(query.filters, address, self.user),
            *condition_words.chips(kind, query.where, address, self.user),
        ]

    @cached_property
    def columns(self) -> list[str]:
        try:
            by_name = registry.get(self.export.record_type).by_name
        except LookupError:
            return list(self.export.columns)
        return [by_name[name].label if name in by_name else name for name in self.export.columns]

    @property
    def form(self) -> str:
        made = f"{ExportFormat(self.export.format).label}, {str(Layout(self.export.layout).label).lower()}"
        return f"{made}, text exactly as it is" if self.export.exact else made

    @property
    def size(self) -> str:
        return size(self.export.size or 0)

    @property
    def expires(self) -> str:
        return formatting.relative(self.export.expires_at) if self.export.expires_at else ""

    def when(self, moment: Any) -> str:
        return formatting.instant(moment, self.zone)

    @property
    def asked_at(self) -> str:
        return self.when(self.export.created_at)

    @property
    def decided_at(self) -> str:
        return self.when(self.export.decided_at) if self.export.decided_at else ""
