"""The end of set-up mode: what it means, why, and once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from revops.kernel.audit import Blocked
from revops.kernel.policies.actions import end_set_up_mode
from revops.kernel.policies.models import SetUpMode
from revops.web import inputs, preferences, refusals
from revops.web.access_rows import page
from revops.web.rendering import show
from revops.web.rules import readers, standing


@page("GET", "POST")
def set_up_page(request: HttpRequest) -> HttpResponse:
    """Say what set-up mode is and whether it lasts; end it for good, with the reason."""
    user = readers.reader(request.user)
    refusal, reason = None, request.POST.get("reason", "")[:500]
    if request.method == "POST":
        try:
            end_set_up_mode(by=user, reason=reason)
        except Blocked as error:
            refusal = refusals.of(error, "Set-up mode was not ended", fields=["reason"])
        else:
            messages.success(request, "Set-up mode has ended: rules change by approved requests alone.")
            return HttpResponseRedirect(reverse("rules"))
    said = refusal.by_field.get("reason", ()) if refusal else ()
    label = "Why set-up is complete"
    context = {
        "ended": SetUpMode.objects.select_related("ended_by").first(),
        "may_end": readers.ends_set_up(user),
        "enders": readers.roles("activate"),
        "reason": inputs.Input("reason", label, "textarea", reason, required=True, findings=said),
        "refusal": refusal,
        "unadopted": [one for one in standing.every(user) if not one.main.pk],
        "zone": preferences.of(user).zone,
    }
    return show(request, "rules/set_up.html", context, status=422 if refusal else 200)
