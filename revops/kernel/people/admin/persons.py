"""Users and roles in the Django admin, for administrators."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from revops.kernel.identity.models import User
from revops.kernel.people import actions, queries
from revops.kernel.people.access.organisation import current
from revops.kernel.people.admin.deeds import ActionAdmin, Deed
from revops.kernel.people.enums import Role
from revops.kernel.people.models import CustomRole, Team


def _roles() -> list[tuple[str, str]]:
    return [*Role.choices, *((code, code) for code in sorted(current().custom_roles))]


class Reason(forms.Form):
    reason = forms.CharField(help_text="In your words; it stays with the change.")


class Create(forms.Form):
    email = forms.EmailField(label="E-mail address")
    name = forms.CharField(max_length=120)
    team = forms.ModelChoiceField(Team.objects.filter(is_active=True), required=False)
    manager = forms.ModelChoiceField(User.objects.filter(is_active=True, kind="person"), required=False)
    roles = forms.MultipleChoiceField(choices=_roles, required=False)


class Details(forms.Form):
    name = forms.CharField(max_length=120, required=False, help_text="Empty keeps it.")
    email = forms.EmailField(required=False, help_text="Empty keeps it.")


class TeamForm(forms.Form):
    team = forms.ModelChoiceField(Team.objects.filter(is_active=True))


class ManagerForm(forms.Form):
    manager = forms.ModelChoiceField(
        User.objects.filter(is_active=True, kind="person"), required=False, help_text="Empty: nobody."
    )


class RoleForm(Reason):
    role = forms.ChoiceField(choices=_roles)
    field_order = ("role", "reason")


class CustomRoleForm(Reason):
    code = forms.CharField(max_length=40)
    name = forms.CharField(max_length=120)
    grants = forms.JSONField(
        widget=forms.Textarea,
        help_text="By record type, as `manage.py policy_dump --json` spells them; letters O T S A.",
    )
    field_order = ("code", "name", "grants", "reason")


def _define(by: User, record: None, data: dict[str, Any]) -> None:
    actions.define_custom_role(by=by, **data)


def _create(by: User, record: None, data: dict[str, Any]) -> None:
    actions.create_user(by=by, **data)


def _edit(by: User, user: User, data: dict[str, Any]) -> None:
    actions.edit_user(by=by, pk=user.pk, name=data["name"] or None, email=data["email"] or None)


def _move(by: User, user: User, data: dict[str, Any]) -> None:
    actions.move_to_team(by=by, user=user, team=data["team"])


def _manager(by: User, user: User, data: dict[str, Any]) -> None:
    actions.set_manager(by=by, user=user, manager=data["manager"])


def _grant(by: User, user: User, data: dict[str, Any]) -> None:
    actions.grant_role(by=by, user=user, role=data["role"], reason=data["reason"])


def _revoke(by: User, user: User, data: dict[str, Any]) -> None:
    actions.revoke_role(by=by, user=user, role=data["role"], reason=data["reason"])


def _deactivate(by: User, user: User, data: dict[str, Any]) -> None:
    actions.deactivate_user(by=by, user=user, reason=data["reason"])


def _reactivate(by: User, user: User, data: dict[str, Any]) -> None:
    actions.reactivate_user(by=by, user=user, reason=data["reason"])


@admin.register(User)
class UserAdmin(ActionAdmin):
    list_display = ("name", "email", "kind", "is_active", "last_login")
    list_filter = ("is_active", "kind")
    search_fields = ("name", "email")
    ordering = ("name", "pk")
    create = Deed(
        "create",
        "New person",
        Create,
        _create,
        "The person was added.",
        "They set a password by “Forgot password”.",
    )
    deeds = (
        Deed("details", "Name and address", Details, _edit, "Saved."),
        Deed(
            "team",
            "Home team",
            TeamForm,
            _move,
            "Moved.",
            "Records they own carry the new team at once.",
            button="Move",
        ),
        Deed("manager", "Manager", ManagerForm, _manager, "Saved."),
        Deed("grant", "Give a role", RoleForm, _grant, "The role was given.", button="Give"),
        Deed("revoke", "Take a role", RoleForm, _revoke, "The role was taken.", button="Take"),
        Deed(
            "deactivate",
            "Deactivate",
            Reason,
            _deactivate,
            "Deactivated; everything they held has a new holder.",
            "All they hold goes to their manager's holding queue, in the same transaction. Sign-in ends at once.",
            button="Deactivate",
        ),
        Deed(
            "reactivate", "Let them sign in again", Reason, _reactivate, "Active again.", button="Reactivate"
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return queries.visible_users(request.user).order_by("name", "pk")

    def facts(self, record: User) -> list[tuple[str, Any]]:
        """Return where the person stands, and what would move if they left."""
        place = queries.places(User.objects.filter(pk=record.pk))[0]
        return [
            ("E-mail address", record.email),
            ("Active", "Yes" if record.is_active else "No"),
            ("Roles", ", ".join(place.roles) or "none"),
            ("Home team", place.team or "none"),
            ("Manager", place.manager or "none"),
            ("Holds", queries.holdings_in_words(record)),
        ]


@admin.register(CustomRole)
class CustomRoleAdmin(ActionAdmin):
    list_display = ("code", "name", "is_active")
    ordering = ("code", "pk")
    create = Deed(
        "define",
        "Define a role",
        CustomRoleForm,
        _define,
        "The role holds from now on.",
        "A known code is replaced.",
    )

    def facts(self, record: CustomRole) -> list[tuple[str, Any]]:
        return [("Name", record.name), ("Grants", json.dumps(record.grants, indent=1))]
