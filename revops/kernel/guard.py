"""The closed door: a governed row is written by `audit.write*` and by nothing else.

The guard lies below everything, the user model included, because everything governed stands on it. It
stops mistakes in code (`save`, `update`, `delete`, `bulk_create`, `loaddata`, cascades); raw SQL is found
afterwards by `audit_verify`. Source: architecture §3.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models.signals import pre_delete

_permitted: ContextVar[bool] = ContextVar("guard_permitted", default=False)


class UngovernedWrite(TypeError):
    """A programmer's mistake: a governed row was about to be written past the one door."""


@contextmanager
def permit() -> Iterator[None]:
    """Open the door for the statements of the audit writer. Only `revops.kernel.audit` calls this."""
    token = _permitted.set(True)
    try:
        yield
    finally:
        _permitted.reset(token)


def refuse(model: type[models.Model], verb: str) -> NoReturn:
    """Refuse `verb` on `model`, naming the way that is open."""
    raise UngovernedWrite(
        f"{model._meta.label}.{verb} was refused: governed records are written by an action, "
        f"inside audit.change(), through audit.write or audit.write_many."
    )


class GovernedQuerySet(models.QuerySet[Any]):
    """Reads like any queryset; refuses every write that does not come from the audit writer."""

    def _insert(self, objs: Any, fields: Any, *args: Any, **kwargs: Any) -> Any:
        if not _permitted.get():
            refuse(self.model, "insert")
        return super()._insert(objs, fields, *args, **kwargs)  # type: ignore[misc]

    def _update(self, values: Any) -> int:
        if not (_permitted.get() or self._touches_only_ungoverned(field.name for field, *_ in values)):
            refuse(self.model, "save")
        rows: int = super()._update(values)  # type: ignore[misc]
        return rows

    def _raw_delete(self, using: str | None) -> int:
        if not _permitted.get():
            refuse(self.model, "delete")
        return super()._raw_delete(using)

    def update(self, **kwargs: Any) -> int:
        if not (_permitted.get() or self._touches_only_ungoverned(kwargs)):
            refuse(self.model, "update")
        return super().update(**kwargs)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        if not _permitted.get():
            refuse(self.model, "bulk_create")
        return super().bulk_create(objs, *args, **kwargs)

    def delete(self) -> NoReturn:
        refuse(self.model, "delete")

    def _touches_only_ungoverned(self, names: Iterable[str]) -> bool:
        ungoverned: frozenset[str] = self.model.UNGOVERNED
        return bool(ungoverned) and set(names) <= ungoverned


def _refuse_cascade(sender: type[models.Model], **kwargs: Any) -> None:
    """Refuse what reaches a governed row without its queryset: the cascade of somebody else's deletion."""
    if not _permitted.get():
        refuse(sender, "delete")


class GovernedModel(models.Model):
    """Base of every governed record: a version that every write raises, and no writer but the one door.

    `PERSONAL` names the fields that hold personal data: the audit trail keeps only a salted commitment of
    them, so that erasing the value later leaves the chain valid. `UNGOVERNED` names columns that are
    bookkeeping and not part of the record (a last sign-in): they may be written anywhere and have no history.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    UNGOVERNED: ClassVar[frozenset[str]] = frozenset()

    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    objects: ClassVar[Any] = GovernedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        pre_delete.connect(_refuse_cascade, sender=cls)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(type(self), "delete")
