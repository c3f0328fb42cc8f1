"""The entries of the palette besides records: places, saved views, things to create, deeds, and how pages look."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.models import SavedView
from revops.kernel.records.registry import RecordType
from revops.web import navigation, properties, settings_pages, timelines

GO, CREATE, HERE, EVERYWHERE = "Go to", "Create", "This record", "Everywhere"
VIEWS = 200


@dataclass(frozen=True, slots=True)
class Command:
    """One entry: it leads to `url`, presses the link to `url` that the page has, or is an `act` of the page's scripts.

    `keys` are what one may type besides its name; `shortcut` is the key that does the same.
    """

    label: str
    icon: str
    group: str
    url: str = ""
    act: str = ""
    keys: str = ""
    note: str = ""
    shortcut: str = ""

    @property
    def key(self) -> str:
        """How the choice of this entry is counted: a deed is the same on every record."""
        return f"{self.group}:{self.label}"


def places(user: Any) -> list[Command]:
    """Return where `user` may go: the navigation and their own settings."""
    found = [
        Command(
            one.label,
            one.icon,
            GO,
            one.url,
            keys=f"{one.keys} go to",
            shortcut=f"g {one.go}" if one.go else "",
        )
        for one in navigation.entries(user)
    ]
    own = [
        Command(one.label, one.icon, GO, one.url, keys="settings preferences", note="Settings")
        for one in settings_pages.pages()
    ]
    return [
        *found,
        *own,
        Command("Notifications", "bell", GO, reverse("notifications"), keys="inbox bell alerts"),
    ]


def saved_views(user: Any) -> list[Command]:
    """Return the saved views that `user` may open. One query."""
    kinds = {kind.label: kind for kind in navigation.in_order()}
    rows = SavedView.objects.visible_to(user).filter(is_archived=False, record_type__in=kinds)
    return [
        Command(
            name,
            kinds[label].icon,
            GO,
            f"/{kinds[label].slug}/?view={pk}",
            keys="view",
            note=kinds[label].plural,
        )
        for pk, name, label in rows.order_by("name", "pk").values_list("pk", "name", "record_type")[:VIEWS]
        if access.rights(user, label).sees_any
    ]


def creations(user: Any) -> list[Command]:
    """Return what `user` may create."""
    return [
        Command(one.label, one.icon, CREATE, one.url, keys=one.keys) for one in navigation.creatable(user)
    ]


def deeds(user: Any, at: str) -> list[Command]:
    """Return what `user` may do with the record whose page is at `at` ("/accounts/7/"); nothing for any other place.

    Its special actions as far as they fit it now and the matrix lets this person, what goes on its timeline, edit,
    history, and what needs no right: a star, its link, who can see it.
    """
    kind, record = _record(user, at)
    if kind is None or record is None:
        return []
    url = kind.url(record.pk)
    found = [
        Command(one.label, one.icon, HERE, f"{url}do/{one.name}/", "press", keys=one.help)
        for one in kind.actions
        if one.fits(record) and one.may(record, user) and access.allowed(user, one.asks, record)
    ]
    found += [
        Command(
            one.label,
            one.icon,
            HERE,
            f"{url}compose/{one.name}/",
            "press",
            keys="timeline add",
            shortcut=one.key,
        )
        for one in (timelines.composers(kind, user) if kind.timeline else ())
    ]
    if access.editable(user, record):
        found.append(
            Command(
                f"Edit this {kind.singular.lower()}",
                "pencil",
                HERE,
                f"{url}edit/",
                "press",
                "change",
                "",
                "e",
            )
        )
    return [
        *found,
        Command(
            "Add to favourites, or take off", "star", HERE, act="star", keys="star favourite", shortcut="*"
        ),
        Command("Copy the link", "link", HERE, act="copy", keys="address url share"),
        Command("Who can see this, and why", "eye", HERE, f"{url}access/", "press", keys="access rights"),
        Command("History", "history", HERE, f"{url}history/", "press", keys="versions changes restore"),
    ]


def _record(user: Any, at: str) -> tuple[RecordType | None, Any]:
    """Return the record type and the record behind the address of its page, as far as `user` sees it."""
    slug, _, rest = at.strip("/").partition("/")
    kind = next((one for one in registry.every() if one.slug == slug and one.has_pages), None)
    digits = rest.partition("/")[0]
    if kind is None or not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        return None, None
    if not access.rights(user, kind.label).sees_any:
        return None, None
    try:
        return kind, properties.find(kind, user, int(digits))
    except kind.model.DoesNotExist:
        return None, None


def everywhere() -> Iterable[Command]:
    """Return what may be done on every page: how it looks, help, and the way out."""
    return (
        Command("Light theme", "sun", EVERYWHERE, act="theme:light", keys="appearance bright"),
        Command("Dark theme", "moon", EVERYWHERE, act="theme:dark", keys="appearance night"),
        Command(
            "Theme as the system", "device-desktop", EVERYWHERE, act="theme:auto", keys="appearance automatic"
        ),
        Command("Compact rows", "line-height", EVERYWHERE, act="density:compact", keys="density lists dense"),
        Command(
            "Comfortable rows", "line-height", EVERYWHERE, act="density:comfortable", keys="density lists"
        ),
        Command(
            "Keyboard shortcuts", "keyboard", EVERYWHERE, act="shortcuts", keys="help keys", shortcut="?"
        ),
        Command("Sign out", "logout", EVERYWHERE, act="sign-out", keys="log out leave"),
    )
