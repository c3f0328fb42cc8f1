"""Bare views: a serializer over a queryset, a template over a queryset, a create with two INSERTs.

No scope, no rights and no cursor: everybody reads the first fifty rows, from the index.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.generics import CreateAPIView, ListAPIView
from rest_framework.serializers import CharField, DecimalField, ModelSerializer

from bench.floor.models import Company, Deal, Inquiry, Note
from revops.kernel.money import MoneyField
from revops.kernel.people.access import declarations
from revops.kernel.records import registry
from revops.kernel.records.registry import RecordType


def first_fifty(kind: RecordType, request: HttpRequest) -> QuerySet[Any]:
    """Return the rows that the address asks for, with the owner in the same query."""
    given = request.GET.dict()
    sort = given.pop("sort", kind.default_sort)
    column = kind.by_name[sort.lstrip("-")].compared
    side = "-" if sort.startswith("-") else ""
    rows = kind.model.objects.filter(**given, **({f"{column}__isnull": False} if column == "amount" else {}))
    linked = ["owner", "account"] if kind.label == "opportunities.opportunity" else ["owner"]
    return rows.select_related(*linked).order_by(f"{side}{column}", f"{side}id")[:50]


def serializer(kind: RecordType, wanted: list[str]) -> Any:
    """Return a plain serializer of a record type: those of the fields `wanted` that are columns."""
    columns = {field.name: field for field in kind.model._meta.concrete_fields}
    names = [name for name in wanted if name in columns]
    amounts: dict[str, Any] = {
        name: DecimalField(max_digits=18, decimal_places=4, read_only=True)
        for name in names
        if isinstance(columns[name], MoneyField)
    }
    owner = CharField(source="owner.name", default=None, read_only=True)
    meta = type("Meta", (), {"model": kind.model, "fields": ["id", "version", *names, "owner_name"]})
    return type("Rows", (ModelSerializer,), {**amounts, "owner_name": owner, "Meta": meta})


def lists(label: str) -> dict[str, Any]:
    """Return the floor's lists of one record type: its columns, every field, a page."""
    kind = registry.get(label)
    hidden = declarations()[label].hidden
    # What an account executive reads: the fields that the product's own answer holds for most people.
    every = [field.name for field in kind.fields if field.name not in hidden]

    def rows(self: Any) -> QuerySet[Any]:
        return first_fifty(kind, self.request)

    def answer(wanted: list[str]) -> Any:
        given = {
            "serializer_class": serializer(kind, wanted),
            "pagination_class": None,
            "get_queryset": rows,
        }
        return type("Listed", (ListAPIView,), given).as_view()

    @login_required
    def table(request: HttpRequest) -> HttpResponse:
        return render(request, f"floor/{kind.slug}.html", {"rows": first_fifty(kind, request)})

    return {"columns": answer(list(kind.columns)), "every": answer(every), "table": table}


def create(model: type[models.Model]) -> Any:
    """Return a view that validates by the model, inserts two rows in one transaction, answers the record."""
    meta = type("Meta", (), {"model": model, "exclude": ["owner", "created_at"]})
    given = {"serializer_class": type("New", (ModelSerializer,), {"Meta": meta})}

    def perform_create(self: Any, serializer: Any) -> None:
        user = self.request.user
        with transaction.atomic():
            made = serializer.save(owner=user)
            told = {"table": model._meta.label_lower, "record_id": made.pk, "changes": {"by": user.name}}
            Note.objects.create(actor=user, verb="create", **told)

    return type("Create", (CreateAPIView,), {**given, "perform_create": perform_create}).as_view()


CREATED = {"accounts": Company, "leads": Inquiry, "opportunities": Deal}
