"""Packets: what one role hands to another, filled in from a template; accepted, or sent back with its gaps. M8."""

from django.db import models
from django.db.models import Q

from revops.kernel.audit.history import RecordHistory
from revops.kernel.packets.enums import PACKET_IN_FLIGHT, PacketState
from revops.kernel.people.models import Owned
from revops.kernel.people.models.organisation import Person
from revops.kernel.policies.models import PolicyVersion


class Packet(Owned):
    """One filled-in template about one record. `owner` answers for it; `receiver`, where named, decides about it.

    `template` is the key of the policy document and `template_version` its row (none: version 0, the shipped one);
    `form` keeps the body it was opened with, so that a packet in flight keeps its form whatever goes live since.
    `values` holds what was filled in, by field; `facts` what was read from the record when it was submitted. `gaps`
    says field by field why it was sent back. An accepted packet never changes: another one supersedes it.
    `roles` lists who may decide, each between spaces.
    """

    PERSONAL = frozenset({"values", "facts", "gaps", "withdrawn_because"})

    title = models.CharField(max_length=160, editable=False)
    template = models.CharField(max_length=80, editable=False)
    template_version = models.ForeignKey(
        PolicyVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )
    template_ref = models.CharField(max_length=200, editable=False)
    form = models.JSONField(editable=False)
    roles = models.CharField(max_length=400, editable=False)
    subject_type = models.CharField(max_length=80, editable=False)
    subject_id = models.BigIntegerField(editable=False)
    subject = models.CharField(max_length=24, editable=False)
    receiver = Person(null=True, blank=True, db_index=False)
    values = models.JSONField(default=dict, blank=True, editable=False)
    facts = models.JSONField(default=dict, blank=True, editable=False)
    state = models.CharField(max_length=10, choices=PacketState, default=PacketState.DRAFT, editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_by = Person(null=True, blank=True, db_index=False, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_by = Person(null=True, blank=True, db_index=False, editable=False)
    gaps = models.JSONField(default=list, blank=True, editable=False)
    withdrawn_because = models.CharField(max_length=400, blank=True, editable=False)
    supersedes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by", editable=False
    )

    history = RecordHistory()

    class Meta(Owned.Meta):
        constraints = [
            *Owned.Meta.constraints,
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "template"],
                condition=Q(state__in=PACKET_IN_FLIGHT),
                name="one_packet_in_flight",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "template"],
                condition=Q(state="accepted"),
                name="one_accepted_packet",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=False, submitted_by__isnull=False)
                | Q(submitted_at__isnull=True, submitted_by__isnull=True, state__in=["draft", "withdrawn"]),
                name="packet_submitted_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=False, decided_by__isnull=False)
                | Q(
                    decided_at__isnull=True,
                    decided_by__isnull=True,
                    state__in=["draft", "submitted", "withdrawn"],
                ),
                name="packet_decided_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "superseded"]) | ~Q(decided_by=models.F("submitted_by")),
                name="packet_accepted_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "template"], name="packet_by_subject"),
            models.Index(fields=["owner", "state", "id"], name="packet_by_owner"),
            models.Index(fields=["team", "id"], name="packet_by_team"),
            models.Index(fields=["receiver", "id"], name="packet_by_receiver"),
            models.Index(fields=["created_at", "id"], name="packet_by_created"),
            models.Index(fields=["id"], condition=Q(state="submitted"), name="packet_to_decide"),
            models.Index(fields=["queue"], condition=Q(queue__isnull=False), name="packet_by_queue"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/packets/{self.pk}/"
