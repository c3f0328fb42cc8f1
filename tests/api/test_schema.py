import re
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.validation import validate_schema

from revops.api import problems
from revops.api.schema.views import document
from revops.api.views import ApiView, UnknownAddress
from revops.kernel.records import registry
from tests.api.conftest import Api, problem

HTTP = {"get", "post", "put", "patch", "delete"}


def served() -> set[tuple[str, str]]:
    """Return every (address, method) that the URL map serves below /api/v1/."""
    found: set[tuple[str, str]] = set()

    def walk(patterns: Any, prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern) and route.startswith("api/v1/"):
                if pattern.name == "api-docs":
                    continue
                view: Any = getattr(pattern.callback, "cls", None)
                assert view is not None, route
                assert issubclass(view, ApiView), route
                if issubclass(view, UnknownAddress):
                    continue
                taken = getattr(pattern.callback, "initkwargs", {}).get("http_method_names", HTTP)
                actions = getattr(pattern.callback, "actions", None) or {m for m in taken if hasattr(view, m)}
                found.update(
                    ("/" + re.sub("<(?:[a-z_]+:)?([a-z]+)>", r"{\1}", route), m) for m in set(actions) & HTTP
                )

    walk(get_resolver().url_patterns, "")
    return found


def test_every_address_is_documented_and_every_documented_one_is_served() -> None:
    told = {(path, method) for path, methods in document()["paths"].items() for method in methods}
    assert told == served()


def test_schema_is_valid_openapi_without_a_warning() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())
    validate_schema(document())


def test_schema_is_for_whoever_is_signed_in(as_: Any, db: None) -> None:
    assert as_("alice").get("schema/").json()["openapi"].startswith("3.0")
    problem(Api().get("schema/"), 401, "unauthenticated")


def test_operations_are_named_once_and_refuse_with_problems() -> None:
    operations = [operation for methods in document()["paths"].values() for operation in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        assert operation["security"] == [{"token": []}, {"session": []}]
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                [(media_type, content)] = response["content"].items()
                assert media_type == problems.MEDIA_TYPE
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_answer_holds_what_the_schema_says(as_: Any, account: Any) -> None:
    made = account(annual_revenue="1.5")
    schemas = document()["components"]["schemas"]
    body = as_("otto").get(f"accounts/{made.pk}/").json()
    assert set(body) == set(schemas["Account"]["properties"])
    page = as_("otto").get("accounts/?count=exact").json()
    assert set(page) == set(schemas["AccountPage"]["properties"])
    [version] = as_("otto").get(f"accounts/{made.pk}/history/").json()["results"]
    assert set(version) == set(schemas["Version"]["properties"])
    assert set(as_("otto").get("me/").json()) == set(schemas["Me"]["properties"])
    assert set(as_("alice").post("tokens/", {"name": "t"}).json()) == set(schemas["NewToken"]["properties"])


def test_filters_of_the_schema_are_taken_and_no_other(as_: Any) -> None:
    for record_type in registry.every():
        choices = [field.choices[0][0] for field in record_type.fields if field.choices]
        told = document()["paths"][f"/api/v1/{record_type.slug}/"]["get"]["parameters"]
        names = {parameter["name"] for parameter in told}
        for name in sorted(names - {"fields", "sort", "limit", "after", "before", "count"}):
            for text in (
                "true",
                "1",
                "US",
                "2026-01-01",
                "2026-01-01T00:00:00Z",
                *choices[:1],
            ):
                response = as_("otto").get(f"{record_type.slug}/", {name: text})
                needed = [finding["needed"] for finding in response.json().get("findings", ())]
                assert not any("one of name" in each for each in needed), (name, needed)


def test_schema_of_writes_names_what_the_matrix_grants() -> None:
    schemas = document()["components"]["schemas"]
    assert "team" not in schemas["AccountCreate"]["properties"]
    assert "domain" in schemas["AccountCreate"]["properties"]
    assert "domain" not in schemas["Account"]["properties"]
    assert "owner" not in schemas["AccountEdit"]["properties"]
    assert schemas["AccountCreate"]["required"] == ["name"]
    assert {"version", "reason", "tax_id"} <= set(schemas["AccountEdit"]["properties"])


def test_page_of_the_schema_is_for_whoever_is_signed_in(as_: Any, db: None) -> None:
    page = as_("alice").get("docs/")
    assert page.status_code == 200
    assert b'data-schema="/api/v1/schema/"' in page.content
    assert b"unsafe" not in page.headers["Content-Security-Policy"].encode()
    away = Api().get("docs/")
    assert (away.status_code, away.headers["Location"]) == (302, "/sign-in/login/?next=/api/v1/docs/")
    assert as_("alice").post("docs/").status_code == 405
