"""Sign-in by e-mail and password; what Django's own permission questions mean here."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from revops.kernel.people.access import declarations, rights, roles_of, set_up_tables
from revops.kernel.people.enums import Role

_READ_ONLY = frozenset({Role.ADMIN, Role.SALES_OPS, Role.REVOPS})


class SignInBackend(ModelBackend):
    """Django asks `app.verb_model`; the admin is open to set-up roles, and governed records are read-only in it.

    Set-up tables (calendars, fiscal periods, lists) are edited by SALES_OPS and REVOPS. Everything else that
    the matrix declares is view-only there; tables of libraries are not shown at all.
    Source: spec/access.md, "Django admin".
    """

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(user is not None and user.is_active and user.kind == "person")

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not user_obj.is_active:
            return False
        roles = roles_of(user_obj)
        app, _, name = perm.partition(".")
        verb, _, model = name.partition("_")
        label = f"{app}.{model}"
        if verb == "view":
            known = label in set_up_tables() or (label in declarations() and rights(user_obj, label).sees_any)
            return known and bool(roles & _READ_ONLY)
        return label in set_up_tables() and bool(roles & {Role.SALES_OPS, Role.REVOPS})

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return bool(user_obj.is_active and roles_of(user_obj) & _READ_ONLY)

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()
