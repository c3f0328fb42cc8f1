"""Records with a star, in the order that their person gave."""

from typing import Any

from django.db import transaction
from django.db.models import Max

from revops.kernel import clocks
from revops.kernel.audit import Blocked
from revops.kernel.records import registry
from revops.kernel.records.models import Favourite
from revops.kernel.records.telling import Line, lines

MOST = 50


def favourites(user: Any) -> list[Line]:
    """Return the favourites that `user` still sees, in their order."""
    return [line for _, line in marked(user)]


def marked(user: Any) -> list[tuple[Favourite, Line]]:
    """Return each favourite that `user` still sees with its line, in their order."""
    held = list(Favourite.objects.filter(user=user.pk).order_by("place", "pk"))
    told = lines(user, [(one.record_type, one.record_id) for one in held])
    return [
        (one, told[one.record_type, one.record_id])
        for one in held
        if (one.record_type, one.record_id) in told
    ]


def one(user: Any, pk: int) -> Favourite:
    """Return one favourite of `user` by its own id. Raises DoesNotExist for any other's."""
    return Favourite.objects.get(user=user.pk, pk=pk)


def add(*, by: Any, record_type: str, pk: int) -> None:
    """Give a record a star, last in the order; one that has it keeps its place.

    Raises the DoesNotExist of its type for a record out of sight, LookupError for a type that has no pages, Blocked
    beyond MOST favourites.
    """
    kind = registry.get(record_type)
    if not kind.has_pages:
        raise LookupError(f"{record_type} has no pages.")
    kind.model.objects.visible_to(by).only("pk").get(pk=pk)
    held = Favourite.objects.filter(user=by.pk)
    if held.filter(record_type=record_type, record_id=pk).exists():
        return
    if held.count() >= MOST:
        raise Blocked.because(
            "REC-021",
            f"You have {MOST} favourites, which is as many as fit. Take one away to add another.",
            field="favourites",
            found=str(MOST),
            needed=f"fewer than {MOST}",
        )
    last = held.aggregate(last=Max("place"))["last"] or 0
    Favourite.objects.get_or_create(
        user=by,
        record_type=record_type,
        record_id=pk,
        defaults={"place": last + 1, "created_at": clocks.now()},
    )


def remove(*, by: Any, record_type: str, pk: int) -> None:
    """Take the star off a record, seen or not; nothing happens to one that has none."""
    Favourite.objects.filter(user=by.pk, record_type=record_type, record_id=pk).delete()


def move(*, by: Any, record_type: str, pk: int, to: int) -> None:
    """Put a favourite at place `to` (from 0) among those its person sees; the others keep their order."""
    with transaction.atomic():
        held = list(Favourite.objects.select_for_update().filter(user=by.pk).order_by("place", "pk"))
        shown = lines(by, [(one.record_type, one.record_id) for one in held])
        seen = [one for one in held if (one.record_type, one.record_id) in shown]
        moved = next((one for one in seen if (one.record_type, one.record_id) == (record_type, pk)), None)
        if moved is None:
            return
        seen.remove(moved)
        seen.insert(max(0, min(to, len(seen))), moved)
        hidden = [one for one in held if one not in seen]
        for place, one in enumerate([*seen, *hidden], start=1):
            one.place = place
        Favourite.objects.bulk_update(held, ["place"])
