"""Every writer of architecture §3 is refused, outside a change and inside one; the record stays as it was."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models, transaction

from revops.kernel import audit
from revops.kernel.audit.history import history_model
from revops.kernel.audit.models import ChangedRow, ChangeEvent, Seal, TrackedFields
from revops.kernel.guard import GovernedModel, GovernedQuerySet, UngovernedWrite, permit
from revops.kernel.identity.models import User
from tests.kernel.audit.acts import keep
from tests.kernel.audit.specimens import Child, Grandchild, Parent

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, tzinfo=UTC)
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}


@contextmanager
def refused() -> Iterator[None]:
    """Expect the guard's refusal; the savepoint takes back what Django marks for rollback."""
    with pytest.raises(UngovernedWrite, match="written by an action"), transaction.atomic():
        yield


def new() -> User:
    return User(email="eve@example.com", name="Eve", **STAMPS)


def changed(user: User) -> User:
    user.name = "Eve"
    return user


def loaddata(user: User, folder: Path) -> None:
    row = {"email": user.email, "name": "Eve", "created_at": NOW.isoformat(), "updated_at": NOW.isoformat()}
    file = folder / "people.json"
    file.write_text(json.dumps([{"model": "identity.user", "pk": user.pk, "fields": row}]))
    call_command("loaddata", str(file))


WRITERS: dict[str, Callable[[User, Path], Any]] = {
    "save of a new row": lambda user, _: new().save(),
    "save of a changed row": lambda user, _: changed(user).save(),
    "save of one field": lambda user, _: changed(user).save(update_fields=["name"]),
    "save_base": lambda user, _: changed(user).save_base(raw=True),
    "instance.delete": lambda user, _: user.delete(),
    "create": lambda user, _: User.objects.create(email="eve@example.com", **STAMPS),
    "get_or_create": lambda user, _: User.objects.get_or_create(email="eve@example.com", defaults=STAMPS),
    "update_or_create of a new row": lambda user, _: User.objects.update_or_create(
        email="eve@example.com", defaults=STAMPS
    ),
    "update_or_create of a row": lambda user, _: User.objects.update_or_create(
        pk=user.pk, defaults={"name": "Eve"}
    ),
    "update": lambda user, _: User.objects.filter(pk=user.pk).update(name="Eve"),
    "update of the version": lambda user, _: User.objects.filter(pk=user.pk).update(version=7),
    "update beside bookkeeping": lambda user, _: User.objects.update(name="Eve", last_login=NOW),
    "update of everything": lambda user, _: User.objects.all().update(is_active=False),
    "queryset.delete": lambda user, _: User.objects.filter(pk=user.pk).delete(),
    "_raw_delete": lambda user, _: User.objects.filter(pk=user.pk)._raw_delete("default"),
    "bulk_create": lambda user, _: User.objects.bulk_create([new()]),
    "bulk_create that updates": lambda user, _: User.objects.bulk_create(
        [changed(user)], update_conflicts=True, update_fields=["name"], unique_fields=["id"]
    ),
    "bulk_update": lambda user, _: User.objects.bulk_update([changed(user)], ["name"]),
    "base manager update": lambda user, _: User._base_manager.filter(pk=user.pk).update(name="Eve"),
    "base manager delete": lambda user, _: User._base_manager.filter(pk=user.pk).delete(),
    "base manager create": lambda user, _: User._base_manager.create(email="eve@example.com", **STAMPS),
    "default manager update": lambda user, _: User._default_manager.update(name="Eve"),
    "simple-history's back door": lambda user, _: changed(user).save_without_historical_record(),  # type: ignore[attr-defined]
    "loaddata": loaddata,
}


@pytest.mark.parametrize("inside", [False, True], ids=["outside a change", "inside a change"])
@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS.keys())
def test_writer_is_refused(
    writer: Callable[[User, Path], Any], inside: bool, alice: User, tmp_path: Path
) -> None:
    before = list(User.objects.order_by("pk").values())
    door = audit.change(by=alice, action="user.misuse") if inside else nullcontext()
    with door, refused():
        writer(User.objects.get(pk=alice.pk), tmp_path)
    assert list(User.objects.order_by("pk").values()) == before


@pytest.mark.control
@pytest.mark.parametrize(
    "name", sorted(WRITERS.keys() - {"instance.delete", "queryset.delete", "base manager delete"})
)
def test_writer_writes_without_the_guard(name: str, alice: User, tmp_path: Path) -> None:
    """The control: with the door held open the same call changes the database, so the refusal is the guard's."""
    before = list(User.objects.order_by("pk").values())
    with permit():
        WRITERS[name](User.objects.get(pk=alice.pk), tmp_path)
    assert list(User.objects.order_by("pk").values()) != before


def test_bookkeeping_is_allowed(alice: User) -> None:
    alice.last_login = NOW
    alice.save(update_fields=["last_login"])
    alice.set_password("correct horse battery")
    alice.save(update_fields=["password"])
    User.objects.filter(pk=alice.pk).update(last_login=NOW, password=alice.password)
    kept = User.objects.get(pk=alice.pk)
    assert (kept.last_login, kept.password, kept.version) == (NOW, alice.password, 1)
    assert ChangeEvent.objects.count() == 1


@pytest.mark.parametrize("field", ["cascading", "nulling"])
def test_deleting_a_plain_parent_does_not_reach_a_governed_child(
    field: str, specimens: None, system: User
) -> None:
    parent = Parent.objects.create()
    child = keep(system, Child(**{field: parent}))
    with refused():
        parent.delete()
    with refused():
        Parent.objects.filter(pk=parent.pk).delete()
    assert Child.objects.values_list(f"{field}_id", flat=True).get(pk=child.pk) == parent.pk


def test_cascade_is_refused_where_it_must_load_the_children(specimens: None, system: User) -> None:
    parent = Parent.objects.create()
    child = keep(system, Child(cascading=parent))
    Grandchild.objects.create(child=child)
    with refused():
        parent.delete()
    assert (Parent.objects.count(), Child.objects.count(), Grandchild.objects.count()) == (1, 1, 1)


def test_related_manager_does_not_write(specimens: None, system: User) -> None:
    parent, other = Parent.objects.create(), Parent.objects.create()
    child = keep(system, Child(cascading=parent))
    for write in (
        lambda: other.children.add(child),
        lambda: parent.children.remove(Child.objects.get(pk=child.pk)),
        parent.children.clear,
        lambda: parent.children.set([]),
        lambda: parent.children.create(created_at=NOW, updated_at=NOW),
        lambda: parent.children.update(version=9),
        lambda: other.children.add(Child(created_at=NOW, updated_at=NOW), bulk=False),
    ):
        with refused():
            write()
    assert list(Child.objects.values_list("cascading_id", "version")) == [(parent.pk, 1)]


@pytest.mark.parametrize("model", [ChangeEvent, ChangedRow, TrackedFields, Seal, history_model(User)])
def test_trail_is_written_by_nobody_else(model: type[models.Model], alice: User) -> None:
    for write in (
        lambda: model._default_manager.all().delete(),
        lambda: model._default_manager.all()._raw_delete("default"),  # type: ignore[attr-defined]
        lambda: model._base_manager.all().update(**{model._meta.pk.attname: 0}),
        lambda: model._base_manager.bulk_create([model()]),
        lambda: model().save(),
        lambda: model().delete(),
    ):
        with refused():
            write()


def test_history_manager_neither_writes_nor_guesses(alice: User) -> None:
    history: Any = alice.history  # type: ignore[attr-defined]
    with refused():
        history.all().delete()
    with refused():
        history.update(name="Eve")
    with refused():
        history.bulk_history_create([alice])
    with pytest.raises(TypeError, match=r"audit\.reading\.as_of"):
        history.as_of(NOW)
    assert [row.name for row in history.all()] == ["Alice"]


def test_user_columns_that_are_bookkeeping_are_not_in_history() -> None:
    history = history_model(User)
    assert history is not None
    columns = {field.attname for field in history._meta.concrete_fields}
    assert columns >= {"email", "name", "version"}
    assert columns.isdisjoint({"password", "last_login"})


def test_sql_and_a_queryset_of_ones_own_pass_the_guard(alice: User) -> None:
    """The guard stops mistakes, not intent: what passes it is found by `audit_verify` (test_verifying.py)."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_user SET name = 'Eve' WHERE id = %s", [alice.pk])
    models.QuerySet(User).filter(pk=alice.pk).update(kind="service")
    assert User.objects.values_list("name", "kind").get(pk=alice.pk) == ("Eve", "service")


def test_every_manager_of_every_governed_model_is_guarded() -> None:
    governed = [model for model in apps.get_models() if issubclass(model, GovernedModel)]
    assert User in governed
    for model in governed:
        for manager in (model._base_manager, *model._meta.managers):
            assert isinstance(manager.all(), GovernedQuerySet), f"{model._meta.label}.{manager.name}"
