"""The pages of the glossary and of the definitions, for everybody who is signed in."""

from django.http import HttpRequest, HttpResponse

from governance.definitions import reading
from revops.kernel.people import access
from revops.web.access_rows import page
from revops.web.rendering import show

_LONGEST = 200


@page("GET")
def glossary_page(request: HttpRequest) -> HttpResponse:
    """Show the words of the field as everybody here uses them."""
    text = request.GET.get("q", "")[:_LONGEST]
    policy, terms = reading.terms(text)
    context = {"title": "Glossary", "terms": terms, "text": text, "standing": reading.standing(policy)}
    return show(request, "definitions/glossary.html", context | {"may_propose": _may_propose(request)})


@page("GET")
def definitions_page(request: HttpRequest) -> HttpResponse:
    """Show what each kind of record is, the lifecycle, and which system has the last word."""
    text = request.GET.get("q", "")[:_LONGEST]
    policy, found = reading.definitions(text)
    context = {"title": "Definitions", "found": found, "text": text, "standing": reading.standing(policy)}
    return show(request, "definitions/definitions.html", context | {"may_propose": _may_propose(request)})


def _may_propose(request: HttpRequest) -> bool:
    return bool(access.rights(request.user, "policies.policyversion").creatable)
