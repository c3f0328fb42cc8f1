"""What one person keeps about records: favourites, recent visits, frequent choices. Their own affair, so ungoverned."""

from django.conf import settings
from django.db import models


class Mark(models.Model):
    """A record that somebody noted for themselves, named by its type and id: it may be gone or out of sight by now."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    record_type = models.CharField(max_length=40)
    record_id = models.BigIntegerField()

    class Meta:
        abstract = True


class Favourite(Mark):
    """A record with a star, in the order that its owner gave."""

    place = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "record_type", "record_id"], name="favourite_once_a_person"
            )
        ]


class Visit(Mark):
    """When somebody last opened a record."""

    visited_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "record_type", "record_id"], name="visit_once_a_person")
        ]
        indexes = [models.Index(fields=["user", "visited_at"], name="visit_by_person_and_time")]


class Choice(models.Model):
    """How often somebody took one entry of the palette."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    key = models.CharField(max_length=120)
    count = models.PositiveIntegerField(default=1)
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="choice_once_a_person")]
