"""Record history: one row per version of a governed record, copied from the live row by the database.

A subclass of simple-history's `HistoricalRecords` that never listens to signals: the only writer is
`audit.write*`. Its rows carry the change they belong to, are unique by (record, version) and take their
date from the clock. Source: architecture §3, M9.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar, NoReturn

from django.db import models
from simple_history.manager import HistoricalQuerySet, HistoryManager
from simple_history.models import HistoricalRecords

from revops.kernel.audit.enums import OFFERED
from revops.kernel.guard import GovernedQuerySet, refuse


class HistoryQuerySet(GovernedQuerySet, HistoricalQuerySet):  # type: ignore[misc]
    """History is read by anybody who may and written by the audit writer only."""


class RecordHistoryManager(HistoryManager):  # type: ignore[misc]
    """`record.history`: reads the rows; what simple-history would write or guess by date is not offered."""

    def as_of(self, date: Any) -> NoReturn:
        raise TypeError("Use audit.reading.as_of(model, pk, instant): it orders by version, not by date.")

    def bulk_history_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(self.model, "bulk_history_create")


class HistoryBase(models.Model):
    """What every history table refuses and how it reads."""

    UNGOVERNED: ClassVar[frozenset[str]] = frozenset()

    objects: ClassVar[Any] = HistoryQuerySet.as_manager()

    class Meta:
        abstract = True

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(type(self), "delete")


class RecordHistory(HistoricalRecords):  # type: ignore[misc]
    """`history = RecordHistory()` on a governed model gives it a history table and `record.history`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("bases", (HistoryBase,))
        super().__init__(history_manager=RecordHistoryManager, historical_queryset=HistoryQuerySet, **kwargs)

    def create_history_model(self, model: type[models.Model], inherited: bool) -> Any:
        """Leave out exactly what digests leave out: bookkeeping columns and those the database derives."""
        derived = {field.name for field in model._meta.concrete_fields if field.generated}
        self.excluded_fields = sorted(derived | getattr(model, "UNGOVERNED", frozenset()))
        return super().create_history_model(model, inherited)

    def copy_fields(self, model: type[models.Model]) -> dict[str, Any]:
        """Copy the tracked fields without their indexes: history is read by record and version only."""
        fields: dict[str, Any] = super().copy_fields(model)
        for field in fields.values():
            field.db_index = False
        return fields

    def get_extra_fields(self, model: type[models.Model], fields: dict[str, Any]) -> dict[str, Any]:
        extra: dict[str, Any] = super().get_extra_fields(model, fields)
        for name in ("history_user", "history_user_id", "history_change_reason", "revert_url"):
            extra.pop(name, None)
        extra["history_id"] = models.BigAutoField(primary_key=True)
        extra["history_type"] = models.CharField(max_length=1, choices=OFFERED)
        extra["history_date"] = models.DateTimeField()
        extra["history_change"] = models.ForeignKey(
            "audit.ChangeEvent", on_delete=models.DO_NOTHING, related_name="+", db_index=False
        )
        return extra

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        options: dict[str, Any] = super().get_meta_options(model)
        options.pop("ordering")
        options.pop("get_latest_by")
        options["base_manager_name"] = options["default_manager_name"] = "objects"
        options["constraints"] = [
            models.UniqueConstraint(
                fields=["id", "version"], name=f"{model._meta.model_name}_history_version"
            )
        ]
        return options

    def post_save(self, instance: Any, created: bool, using: Any = None, **kwargs: Any) -> None:
        """Write nothing: history is written by `audit.write*`, in the same statements as the row."""

    def post_delete(self, instance: Any, using: Any = None, **kwargs: Any) -> None:
        """Write nothing: `audit.remove_many` writes the last version itself."""

    def pre_delete(self, instance: Any, **kwargs: Any) -> None:
        """Load nothing: governed rows are never deleted (the guard refuses it)."""


@cache
def history_model(model: type[models.Model]) -> type[models.Model] | None:
    """Return the history table of `model`, or None for a ledger (it keeps no history of its own).

    Asked once a model: simple-history makes a class of its manager each time the attribute is read.
    """
    name = getattr(model._meta, "simple_history_manager_attribute", None)
    return getattr(model, name).model if name else None
