"""Saved views, with whom they are shared, and who pinned which."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from revops.kernel.audit.history import RecordHistory
from revops.kernel.guard import GovernedModel
from revops.kernel.people import access
from revops.kernel.people.access import ScopedQuerySet
from revops.kernel.records.views.enums import EVERYONE, Layout


class ViewQuerySet(ScopedQuerySet):
    """Saved views as somebody sees them: one's own, and what is shared with one's roles; operations see all shared."""

    def visible_to(self, user: Any) -> Self:
        roles = access.roles_of(user)
        if not roles:
            return self.none()
        shares = ViewShare.objects.filter(is_active=True)
        if not access.may_ever(user, "keep", "records.savedview"):
            shares = shares.filter(role__in=[EVERYONE, *sorted(roles)])
        return self.filter(Q(owner=user) | Q(pk__in=shares.values("view_id")))


class SavedView(GovernedModel):
    """A list kept under a name. `content` is what `views.contents.Content` holds; archived, not deleted."""

    record_type = models.CharField(max_length=80)
    name = models.CharField(max_length=80)
    layout = models.CharField(max_length=5, choices=Layout, default=Layout.LIST)
    content = models.JSONField(default=dict)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_archived = models.BooleanField(default=False)

    objects: ClassVar[Any] = ViewQuerySet.as_manager()
    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        verbose_name = "view"
        indexes = [
            models.Index(fields=["owner", "record_type"], name="view_by_owner"),
            models.Index(fields=["record_type", "id"], name="view_by_type"),
        ]

    def __str__(self) -> str:
        return self.name


class ViewShare(GovernedModel):
    """With which role (or everyone) a view is shared, and whether it is what their list opens with.

    `record_type` repeats that of the view, so that one default a role and type is a constraint.
    """

    view = models.ForeignKey(SavedView, on_delete=models.PROTECT, related_name="shares")
    record_type = models.CharField(max_length=80)
    role = models.CharField(max_length=40)
    is_default = models.BooleanField(default=False)
    defaulted_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)

    history = RecordHistory()

    class Meta(GovernedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["view", "role"], name="view_shared_once_with_a_role"),
            models.UniqueConstraint(
                fields=["record_type", "role"],
                condition=Q(is_default=True),
                name="one_default_view_of_a_role",
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(is_active=True, defaulted_at__isnull=False),
                name="default_view_is_shared_and_dated",
            ),
        ]
        indexes = [models.Index(fields=["role", "view"], name="share_by_role")]


class ViewPin(models.Model):
    """A view among somebody's tabs: their own affair, so neither governed nor audited."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    view = models.ForeignKey(SavedView, on_delete=models.PROTECT, related_name="pins")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "view"], name="view_pinned_once")]
