"""Every address and method is in the access matrix, and one that is not turns this red."""

from types import ModuleType
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from django.views import View

from revops.kernel.people import access
from revops.web.access_rows import page, record
from tests.guards.urls import PUBLIC, access_of, addresses, methods_of, unmapped

VERBS_OF_RECORDS = {"view", "create", "edit"}


def test_every_address_and_method_has_an_access_row():
    assert unmapped() == []


def test_addresses_name_declared_record_types_and_known_verbs():
    for route, pattern in addresses():
        row = getattr(pattern.callback, "access_row", None)
        if row is not None and row.record_type:
            assert pattern.default_args["label"] in access.declarations(), route
            assert set(row.methods.values()) <= VERBS_OF_RECORDS, route


def planted(*patterns: Any) -> ModuleType:
    module = ModuleType("planted_urls")
    module.urlpatterns = list(patterns)  # type: ignore[attr-defined]
    return module


def leak(request: Any) -> HttpResponse:
    return HttpResponse("everything")


class Leak(View):
    def get(self, request: Any) -> HttpResponse:
        return HttpResponse("everything")

    def delete(self, request: Any) -> HttpResponse:
        return HttpResponse("gone")


@pytest.mark.control
def test_an_address_nobody_mapped_is_named():
    assert unmapped(planted(path("leak/", leak, name="leak"))) == ["leak/ (leak): no access row"]


@pytest.mark.control
def test_a_method_nobody_mapped_is_named():
    posing = planted(path("healthz", Leak.as_view(), name="healthz"))
    assert unmapped(posing) == ["healthz: DELETE has no access row"]


@pytest.mark.control
def test_a_mapped_view_is_not_named():
    module = planted(
        path("a/", page("GET")(leak), name="a"), path("b/", record(GET="view")(leak), {"label": "x"})
    )
    assert unmapped(module) == []


@pytest.mark.django_db
def test_nobody_signed_in_gets_nothing_but_the_public_addresses():
    client = Client()
    for route, pattern in addresses():
        if pattern.name in PUBLIC or route.startswith("admin/") or "<" in route.replace("<int:pk>", ""):
            continue
        if "^" in route or "(" in route:
            continue
        address = "/" + route.replace("<int:pk>", "1")
        for method in methods_of(pattern) | set(access_of(route, pattern)):
            answer = client.generic(method, address)
            assert answer.status_code in {302, 401, 403}, (method, address, answer.status_code)
            if answer.status_code == 302:
                assert answer["Location"].startswith("/sign-in/"), (method, address, answer["Location"])


def test_a_method_that_is_not_listed_is_refused(rf: Any):
    view = page("GET")(leak)
    answer = view(rf.post("/"))
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
