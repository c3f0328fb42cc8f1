"""Following: the button of a record, and the list of what one follows."""

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from revops.kernel.records import following
from revops.kernel.records.registry import RecordType
from revops.web.access_rows import page, record
from revops.web.rendering import is_fragment, show


class FollowButton:
    """The button of one record for one reader. Lazy: a fragment that draws no button pays nothing for it."""

    def __init__(self, user: Any, record_type: RecordType, pk: int) -> None:
        self._user, self._type, self._pk = user, record_type, pk
        self.url = f"{record_type.url(pk)}follow/"

    @cached_property
    def state(self) -> following.Followed:
        return following.following(self._user, self._type.label, self._pk)


@record(GET="view", POST="view")
def follow_page(request: HttpRequest, record_type: RecordType, pk: int) -> HttpResponse:
    """Follow the record (`on` is 1) or follow it no more, and show its button."""
    user: Any = request.user
    rows = record_type.model.objects.visible_to(user)
    if not 0 < pk < 2**63 or not rows.filter(pk=pk).exists():
        raise Http404
    if request.method == "POST":
        if request.POST.get("on") == "1":
            following.follow(by=user, label=record_type.label, pk=pk)
        else:
            following.unfollow(by=user, label=record_type.label, pk=pk)
        if not is_fragment(request):
            return HttpResponseRedirect(record_type.url(pk), status=303)
    context = {"follow": FollowButton(user, record_type, pk)}
    return show(request, "components/follow.html", context, fragment=True)


@page("GET")
def followed_page(request: HttpRequest) -> HttpResponse:
    """Show what one follows, the latest first, as far as one still sees it."""
    user: Any = request.user
    found = following.followed(user, limit=500)
    groups: dict[str, list[tuple[RecordType, int, str]]] = {}
    for one in found:
        groups.setdefault(one[0].plural, []).append(one)
    shown = {
        plural: [(kind.icon, kind.number(pk), title, kind.url(pk)) for kind, pk, title in rows]
        for plural, rows in groups.items()
    }
    return show(request, "pages/following.html", {"groups": shown, "count": len(found)})
