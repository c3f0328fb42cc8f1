"""The way from the draft of a policy into a new request for change."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import urlencode

from revops.kernel.records.registry import RecordType
from revops.web.access_rows import record
from revops.web.views import forms


@record(GET="create")
def add(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Lead to the form for a new request, with the draft that `version` names filled in."""
    given = request.GET.dict()
    version = given.pop("version", "")
    asked = given | ({"drafts": version} if version.isascii() and version.isdigit() else {})
    return HttpResponseRedirect(f"/{record_type.slug}/new/" + (f"?{urlencode(asked)}" if asked else ""))


@record(GET="create", POST="create")
def new(request: HttpRequest, record_type: RecordType) -> HttpResponseBase:
    """Show the form for a new request; asked with `version`, lead to the one that has it filled in."""
    if request.method == "GET" and "version" in request.GET:
        return add(request, record_type.label)
    return forms.new_page(request, record_type.label)
