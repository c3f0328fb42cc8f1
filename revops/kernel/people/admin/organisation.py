"""Teams, queues and territories in the Django admin, for operations and administrators."""

from typing import Any

from django import forms
from django.contrib import admin

from revops.kernel.identity.models import User
from revops.kernel.people import actions
from revops.kernel.people.admin.deeds import ActionAdmin, Deed
from revops.kernel.people.models import Queue, QueueMembership, Team, Territory

_PEOPLE = User.objects.filter(is_active=True, kind="person")


class TeamForm(forms.Form):
    name = forms.CharField(max_length=60)
    parent = forms.ModelChoiceField(Team.objects.all(), required=False)
    manager = forms.ModelChoiceField(_PEOPLE, required=False)


class PlaceForm(forms.Form):
    parent = forms.ModelChoiceField(Team.objects.all(), required=False, help_text="Empty: at the top.")
    manager = forms.ModelChoiceField(_PEOPLE, required=False, help_text="Empty: nobody.")


class QueueForm(forms.Form):
    name = forms.CharField(max_length=60)
    team = forms.ModelChoiceField(Team.objects.all(), required=False)
    members = forms.ModelMultipleChoiceField(_PEOPLE)


class MemberForm(forms.Form):
    user = forms.ModelChoiceField(_PEOPLE, label="Person")


class TerritoryForm(forms.Form):
    code = forms.CharField(max_length=60)
    name = forms.CharField(max_length=120)
    default_owner = forms.ModelChoiceField(_PEOPLE, required=False)
    default_queue = forms.ModelChoiceField(Queue.objects.filter(is_active=True), required=False)


def _create_team(by: User, record: None, data: dict[str, Any]) -> None:
    actions.create_team(by=by, **data)


def _place_team(by: User, team: Team, data: dict[str, Any]) -> None:
    actions.edit_team(by=by, pk=team.pk, **data)


def _create_queue(by: User, record: None, data: dict[str, Any]) -> None:
    actions.create_queue(by=by, **data)


def _staff(by: User, queue: Queue, data: dict[str, Any]) -> None:
    actions.staff_queue(by=by, queue=queue, user=data["user"])


def _unstaff(by: User, queue: Queue, data: dict[str, Any]) -> None:
    actions.unstaff_queue(by=by, queue=queue, user=data["user"])


def _create_territory(by: User, record: None, data: dict[str, Any]) -> None:
    actions.create_territory(by=by, **data)


@admin.register(Team)
class TeamAdmin(ActionAdmin):
    list_display = ("name", "parent", "manager", "is_active")
    list_select_related = ("parent", "manager")
    search_fields = ("name",)
    ordering = ("name", "pk")
    create = Deed("create", "New team", TeamForm, _create_team, "The team was added.")
    deeds = (Deed("place", "Place in the tree and manager", PlaceForm, _place_team, "Saved."),)

    def facts(self, record: Team) -> list[tuple[str, Any]]:
        return [("Parent", record.parent or "none"), ("Manager", record.manager or "none")]


@admin.register(Queue)
class QueueAdmin(ActionAdmin):
    list_display = ("name", "key", "team", "is_active")
    list_select_related = ("team",)
    search_fields = ("name", "key")
    ordering = ("name", "pk")
    create = Deed("create", "New queue", QueueForm, _create_queue, "The queue was added.")
    deeds = (
        Deed("staff", "Add a member", MemberForm, _staff, "Added."),
        Deed("unstaff", "Take a member off", MemberForm, _unstaff, "Taken off."),
    )

    def facts(self, record: Queue) -> list[tuple[str, Any]]:
        rows = QueueMembership.objects.filter(queue=record, active_to__isnull=True).select_related("user")
        members = ", ".join(sorted(row.user.name for row in rows))
        return [("Team", record.team or "none"), ("Members", members or "none")]


@admin.register(Territory)
class TerritoryAdmin(ActionAdmin):
    list_display = ("code", "name", "default_owner", "default_queue", "is_active")
    list_select_related = ("default_owner", "default_queue")
    search_fields = ("code", "name")
    ordering = ("code", "pk")
    create = Deed("create", "New territory", TerritoryForm, _create_territory, "The territory was added.")

    def facts(self, record: Territory) -> list[tuple[str, Any]]:
        return [("Falls to", record.default_owner or record.default_queue or "the unassigned queue")]
