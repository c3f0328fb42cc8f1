"""Views among one's own tabs. Their own affair: neither governed nor audited, so written here directly."""

from django.db import transaction
from django.db.models import Max

from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.records.models import SavedView, ViewPin

MOST = 20


def pin_view(*, by: User, pk: int) -> ViewPin:
    """Put a view behind one's other tabs; one that is there stays. Raises Blocked, DoesNotExist."""
    view = SavedView.objects.visible_to(by).get(pk=pk, is_archived=False)
    held = ViewPin.objects.filter(user=by, view__record_type=view.record_type)
    if held.count() >= MOST and not held.filter(view=view).exists():
        message = f"{MOST} tabs are the most. Take one away first."
        raise Blocked.because("VIEW-006", message, field="view", needed=f"at most {MOST}")
    last = held.aggregate(last=Max("position"))["last"]
    pin, _ = ViewPin.objects.get_or_create(
        user=by, view=view, defaults={"position": 0 if last is None else last + 1}
    )
    return pin


def unpin_view(*, by: User, pk: int) -> None:
    """Take a view from one's tabs, if it is there."""
    ViewPin.objects.filter(user=by, view_id=pk).delete()


def move_pin(*, by: User, pk: int, step: int) -> None:
    """Move a tab among the pinned ones, by so many places (negative: to the front); the ends are the ends.

    Raises DoesNotExist for one that is not pinned.
    """
    with transaction.atomic():
        pin = ViewPin.objects.select_related("view").get(user=by, view_id=pk)
        pins = list(
            ViewPin.objects.filter(user=by, view__record_type=pin.view.record_type)
            .select_for_update(of=("self",))
            .order_by("position", "pk")
        )
        places = [one.pk for one in pins]
        here = places.index(pin.pk)
        pins.insert(min(len(pins) - 1, max(0, here + step)), pins.pop(here))
        for place, one in enumerate(pins):
            one.position = place
        ViewPin.objects.bulk_update(pins, ["position"])
