"""Bare views: a serializer over a queryset, a template over a queryset, a create with two INSERTs.

No scope, no rights and no cursor: everybody reads the first fifty customers by name, from the index.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.generics import CreateAPIView, ListAPIView
from rest_framework.serializers import CharField, DecimalField, ModelSerializer

from accounts.models import Account
from accounts.records.account import ACCOUNT
from bench.floor.models import Company, Note
from revops.kernel.people.access import declarations

COLUMNS = list(ACCOUNT.columns)
_HIDDEN = declarations()["accounts.account"].hidden
# What an account executive reads: the fields that the product's own answer holds for most people.
EVERY = [
    field.name
    for field in ACCOUNT.fields
    if field.name not in _HIDDEN and field.name in {column.name for column in Account._meta.concrete_fields}
]


def first_fifty(request: HttpRequest) -> QuerySet[Account]:
    """Return the rows, with the owner's name in the same query."""
    rows = Account.objects.filter(status=request.GET.get("status", "customer"))
    return rows.select_related("owner").order_by("name_key", "id")[:50]


class Columns(ModelSerializer):
    """The ten columns of the list."""

    owner_name = CharField(source="owner.name", default=None, read_only=True)
    annual_revenue = DecimalField(max_digits=18, decimal_places=4, read_only=True)

    class Meta:
        model = Account
        fields = ["id", *COLUMNS, "owner_name"]


class Every(ModelSerializer):
    """As many fields as the product answers with when nobody says which."""

    owner_name = CharField(source="owner.name", default=None, read_only=True)
    annual_revenue = DecimalField(max_digits=18, decimal_places=4, read_only=True)

    class Meta:
        model = Account
        fields = ["id", "version", *EVERY, "owner_name"]


class ColumnList(ListAPIView):
    """Fifty rows of ten columns."""

    serializer_class: Any = Columns
    pagination_class = None

    def get_queryset(self) -> QuerySet[Account]:
        return first_fifty(self.request)


class EveryList(ColumnList):
    """Fifty rows of every field."""

    serializer_class = Every


class NewCompany(ModelSerializer):
    class Meta:
        model = Company
        exclude = ["owner", "created_at"]


class Create(CreateAPIView):
    """Validates by the model, inserts two rows in one transaction, answers the record."""

    serializer_class = NewCompany

    def perform_create(self, serializer: Any) -> None:
        user = self.request.user
        with transaction.atomic():
            made = serializer.save(owner=user)
            Note.objects.create(company=made, actor=user, verb="create", changes={"name": made.name})


@login_required
def table(request: HttpRequest) -> HttpResponse:
    """Fifty rows of ten cells in a template that does nothing else."""
    return render(request, "floor/table.html", {"rows": first_fifty(request)})
