"""The people we know at a company, with their e-mail addresses and phone numbers. Source: d1."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.enums import (
    ContactStatus,
    Department,
    EmailKind,
    PhoneKind,
    Seniority,
    Source,
    SubscriberType,
)
from accounts.models.account import Account
from accounts.validators.phone import search_digits, spelled
from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.people.access import ScopedQuerySet, roles_of
from revops.kernel.people.access.organisation import current
from revops.kernel.people.models import Owned
from revops.kernel.records.folding import FoldedField


class Contact(Owned):
    """A person. `name`, `primary_email` and `primary_phone` follow the parts that they are made of."""

    PERSONAL = frozenset(
        {
            "salutation",
            "first_name",
            "last_name",
            "name",
            "name_key",
            "primary_email",
            "primary_phone",
            "description",
            "technical_note",
        }
    )

    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="contacts", db_index=False
    )
    salutation = models.CharField(max_length=40, blank=True)
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80)
    name = models.CharField(max_length=161, editable=False)
    name_key = FoldedField(max_length=322, editable=False)
    title = models.CharField(max_length=120, blank=True)
    seniority = models.CharField(max_length=8, choices=Seniority, blank=True)
    department = models.CharField(max_length=12, choices=Department, blank=True)
    country = models.CharField(max_length=2, blank=True)
    time_zone = models.CharField(max_length=60, blank=True)
    subscriber_type = models.CharField(max_length=10, choices=SubscriberType, default=SubscriberType.UNKNOWN)
    status = models.CharField(max_length=9, choices=ContactStatus, default=ContactStatus.ACTIVE)
    source_original = models.CharField(max_length=20, choices=Source, blank=True)
    source_note = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    technical_note = models.TextField(blank=True)
    primary_email = models.CharField(max_length=254, blank=True, editable=False)
    primary_phone = models.CharField(max_length=32, blank=True, editable=False)
    tombstone_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
    )

    history = RecordHistory()

    class Meta(Owned.Meta):
        indexes = [
            models.Index(fields=["name_key", "id"], name="contact_by_name"),
            models.Index(fields=["owner", "name_key", "id"], name="contact_by_owner_name"),
            models.Index(fields=["team", "name_key", "id"], name="contact_by_team_name"),
            models.Index(fields=["account", "name_key", "id"], name="contact_by_account"),
            models.Index(fields=["created_at", "id"], name="contact_by_created"),
            models.Index(fields=["queue"], condition=Q(queue__isnull=False), name="contact_by_queue"),
            models.Index(
                fields=["tombstone_of"], condition=Q(tombstone_of__isnull=False), name="contact_by_survivor"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/contacts/{self.pk}/"


class ContactEmail(GovernedModel):
    """An e-mail address of a contact. `address_key` is its normalised form: of one contact only (ALG-1.1)."""

    PERSONAL = frozenset({"address", "address_key"})

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="emails")
    address = models.CharField(max_length=254)
    address_key = FoldedField(max_length=254, editable=False)
    kind = models.CharField(max_length=8, choices=EmailKind, default=EmailKind.WORK)
    is_primary = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = ScopedQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["address_key"], condition=Q(is_active=True), name="email_of_one_contact"
            ),
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(is_active=True, is_primary=True),
                name="one_primary_email_per_contact",
            ),
        ]

    def __str__(self) -> str:
        return self.address


# Who reads personal numbers outside the owner's team (spec/access.md, hidden fields).
READERS_OF_PERSONAL = frozenset({"PRIVACY", "AUDITOR"})


class PhoneQuerySet(ScopedQuerySet):
    """Phone numbers, of which the personal ones stay within the owner's team."""

    def visible_to(self, user: Any) -> Self:
        """Return the numbers of the contacts that `user` sees; personal ones only to the owner's team and readers."""
        rows = super().visible_to(user)
        if roles_of(user) & READERS_OF_PERSONAL:
            return rows
        teams = current().teams_of.get(user.pk, frozenset()) if user is not None else frozenset()
        near = Q(contact__owner=user.pk) | Q(contact__team__in=teams) if user is not None else Q(pk__in=[])
        return rows.filter(~Q(kind=PhoneKind.PERSONAL) | near)


class ContactPhone(GovernedModel):
    """A phone number of a contact, in E.164 where the country is known, else as it was typed."""

    PERSONAL = frozenset({"number", "number_key"})

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="phones")
    number = models.CharField(max_length=40)
    number_key = models.CharField(max_length=32, editable=False)
    kind = models.CharField(max_length=9, choices=PhoneKind, default=PhoneKind.WORK)
    is_primary = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = PhoneQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "number_key"], condition=Q(is_active=True), name="phone_once_a_contact"
            ),
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(is_active=True, is_primary=True),
                name="one_primary_phone_per_contact",
            ),
        ]
        indexes = [models.Index(fields=["number_key"], name="phone_by_number")]

    def __str__(self) -> str:
        return self.number

    @property
    def is_found(self) -> bool:
        """Whether search finds the contact by this number: never by a personal one, which not everybody may know."""
        return self.is_active and self.kind != PhoneKind.PERSONAL

    @property
    def spelled(self) -> str:
        """The number as people read it, in groups."""
        return spelled(self.number)

    @property
    def search_text(self) -> str:
        return search_digits(self.number_key)
