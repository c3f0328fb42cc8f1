"""Every address of the product with the row of the access matrix it asks, method by method."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# Open to everybody, signed in or not: how one gets in, and how the machine is watched.
PUBLIC: Mapping[str, tuple[str, ...]] = {
    "account_login": ("GET", "POST"),
    "account_logout": ("GET", "POST"),
    "account_inactive": ("GET",),
    "account_signup": ("GET", "POST"),
    "account_reset_password": ("GET", "POST"),
    "account_reset_password_done": ("GET",),
    "account_reset_password_from_key": ("GET", "POST"),
    "account_reset_password_from_key_done": ("GET",),
    "mfa_authenticate": ("GET", "POST"),
    "mfa_login_webauthn": ("GET", "POST"),
    "healthz": ("GET",),
    "readyz": ("GET",),
    "api-unknown": ("GET",),
}
# allauth's pages about one's own password and second factor: they ask for somebody signed in.
OWN_SECURITY = {
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
}
# The API beside the record types, by name and method.
API: Mapping[str, Mapping[str, str]] = {
    "api-me": {"GET": "self", "PATCH": "self"},
    "api-search": {"GET": "view of every record type found"},
    "api-schema": {"GET": "self"},
    "api-tokens": {"GET": "view of api.apitoken", "POST": "create of api.apitoken"},
    "api-token": {"DELETE": "revoke of api.apitoken"},
    "api-bulk-runs": {"GET": "view of exchange.bulkrun", "POST": "create of exchange.bulkrun"},
    "api-bulk-run": {"GET": "view of exchange.bulkrun"},
    "api-bulk-run-preview": {"GET": "view of exchange.bulkrun"},
    "api-bulk-run-items": {"GET": "view of exchange.bulkrun"},
    "api-bulk-run-start": {"POST": "start of exchange.bulkrun"},
    "api-bulk-run-undo": {"POST": "undo of exchange.bulkrun"},
    "api-exports": {"GET": "view of exchange.dataexport", "POST": "create of exchange.dataexport"},
    "api-export": {"GET": "view of exchange.dataexport"},
    "api-export-approve": {"POST": "approve of exchange.dataexport"},
    "api-export-reject": {"POST": "approve of exchange.dataexport"},
    "api-export-file": {"GET": "own of exchange.dataexport"},
    "api-views": {"GET": "view of records.savedview", "POST": "create of records.savedview"},
    "api-view": {"GET": "view of records.savedview", "PATCH": "edit of records.savedview"},
    "api-view-share": {"POST": "share of records.savedview"},
    "api-view-default": {"POST": "share of records.savedview"},
    "api-view-archive": {"POST": "edit of records.savedview"},
    "api-view-restore": {"POST": "edit of records.savedview"},
    "api-view-pin": {"POST": "view of records.savedview"},
    "api-view-unpin": {"POST": "view of records.savedview"},
}
# The verbs of a record type's view set, by its handler; what an app adds is named in `right`.
HANDLERS = {
    "list": "view",
    "retrieve": "view",
    "create": "create",
    "partial_update": "edit",
    "history": "view",
    "likely": "view",
    "totals": "view",
    "reach": "view",
    "transitions": "view",
    "transition": "transition",
    "status": "view",
    "gate": "view",
    "restore": "edit",
}


def addresses(urlconf: Any = None) -> Iterator[tuple[str, URLPattern]]:
    """Yield every pattern with its whole route."""

    def walk(patterns: Any, route: str) -> Iterator[tuple[str, URLPattern]]:
        for one in patterns:
            here = f"{route}{one.pattern}"
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, here)
            else:
                yield here, one

    yield from walk(get_resolver(urlconf).url_patterns, "")


def access_of(route: str, pattern: URLPattern) -> Mapping[str, str]:
    """Return the verb that each method of an address asks; nothing for an address that nobody mapped."""
    name, callback = pattern.name or "", pattern.callback
    row = getattr(callback, "access_row", None)
    if row is not None:
        of = " of the record type" if row.record_type else f" for {sorted(row.roles)}" if row.roles else ""
        return {method: f"{verb}{of}" for method, verb in row.methods.items()}
    if route.startswith("admin/"):
        return {
            "GET": "Django admin, asked of the sign-in backend",
            "POST": "Django admin, asked of the sign-in backend",
        }
    if name in PUBLIC:
        return dict.fromkeys(PUBLIC[name], "public")
    if name in OWN_SECURITY:
        return {"GET": "self", "POST": "self"}
    if name in API and route.startswith("api/"):
        return API[name]
    actions = getattr(callback, "actions", None)
    label = getattr(getattr(callback, "cls", None), "label", "")
    if actions and label:
        rights = {one.name: one.asks for one in _record_actions(label)}
        verbs = HANDLERS | rights
        return {
            method.upper(): f"{verbs[handler]} of {label}"
            for method, handler in actions.items()
            if handler in verbs
        }
    return {}


def _record_actions(label: str) -> Any:
    from revops.kernel.records import registry

    return registry.get(label).actions


def methods_of(pattern: URLPattern) -> set[str]:
    """Return the methods that the code behind an address answers, HEAD and OPTIONS left out."""
    callback = pattern.callback
    actions = getattr(callback, "actions", None)
    if actions:
        return {method.upper() for method in actions} - {"HEAD", "OPTIONS"}
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if view is not None and not hasattr(callback, "access_row"):
        return {m.upper() for m in view.http_method_names if hasattr(view, m)} - {
            "HEAD",
            "OPTIONS",
            "TRACE",
            "PUT",
        }
    return set()


def unmapped(urlconf: Any = None) -> list[str]:
    """Return every address, or method of one, that no row of the access matrix stands for."""
    found = []
    for route, pattern in addresses(urlconf):
        rows = access_of(route, pattern)
        if not rows:
            found.append(f"{route} ({pattern.name}): no access row")
            continue
        if not route.startswith("admin/"):
            found += [
                f"{route}: {method} has no access row" for method in sorted(methods_of(pattern) - rows.keys())
            ]
    return found
