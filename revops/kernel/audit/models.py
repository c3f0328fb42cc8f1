"""The audit trail: who changed which rows, why and through which door; sealed so that nobody forges it unseen.

A `ChangeEvent` is one action. Its `ChangedRow`s tie it to the history rows it wrote. The event's `mac` is
made at write time with a key that is not in the database; the sealer numbers and chains the events as
`Seal`s afterwards, so that writers never wait for each other. Source: architecture §3, M9.
"""

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q

from revops.kernel.audit.enums import OFFERED, Source
from revops.kernel.guard import GovernedQuerySet, refuse


class TrailModel(models.Model):
    """Base of the trail's own tables: appended by the audit writer, changed by nobody."""

    UNGOVERNED: ClassVar[frozenset[str]] = frozenset()

    objects: ClassVar[Any] = GovernedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse(type(self), "delete")


class TrackedFields(TrailModel):
    """Which fields the digests of a record type cover; a migration that adds a column begins a new row."""

    key = models.CharField(max_length=16, primary_key=True)
    record_type = models.CharField(max_length=80)
    fields = models.JSONField()


class ChangeEvent(TrailModel):
    """One action: who, on whose behalf, when, why, through which door, under which rules."""

    id = models.UUIDField(primary_key=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    source = models.CharField(max_length=8, choices=Source)
    action = models.CharField(max_length=80)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    policy_refs = models.JSONField(default=list)
    key_id = models.CharField(max_length=8)
    mac = models.CharField(max_length=64)
    sealed = models.BooleanField(default=False)

    class Meta(TrailModel.Meta):
        indexes = [
            models.Index(fields=["id"], condition=Q(sealed=False), name="event_unsealed"),
            models.Index(
                fields=["request_id", "id"], condition=Q(source=Source.IMPORT), name="event_of_import"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} ({self.id})"


class ChangedRow(TrailModel):
    """One row that an event wrote: the digest of its new version, and a commitment per personal field.

    `history_id` is null for a ledger row (it has no history table): the digest is then that of the row itself.
    `salts` open the commitments; erasing personal data drops them together with the values. A row of kind
    ERASED repeats the digest of the older version it concerns; its commitments say, field by field, what
    stands in the place of the erased value. One of kind REMOVED is the last of its record: the version in which
    a reverted import took it back.
    """

    event = models.ForeignKey(ChangeEvent, on_delete=models.PROTECT, related_name="rows")
    record_type = models.CharField(max_length=80)
    record_id = models.BigIntegerField()
    row_version = models.PositiveIntegerField()
    history_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=1, choices=OFFERED)
    tracked = models.CharField(max_length=16)
    digest = models.CharField(max_length=64)
    commitments = models.JSONField(null=True)
    salts = models.JSONField(null=True)

    class Meta(TrailModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["record_type", "record_id", "row_version", "kind", "event"],
                name="changed_row_once_an_event",
            )
        ]


class Seal(TrailModel):
    """The place of one event in the chain."""

    seq = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(ChangeEvent, on_delete=models.PROTECT, related_name="seal")
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    key_id = models.CharField(max_length=8)
    sealed_at = models.DateTimeField()


class SealHead(models.Model):
    """The end of the chain; the one row that sealers lock. There is only one."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
    anchored_seq = models.BigIntegerField(default=0)
    anchored_at = models.DateTimeField(null=True)
    alarm = models.TextField(blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="seal_head_is_single")]
