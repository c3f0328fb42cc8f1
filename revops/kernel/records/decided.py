"""Whose decisions one may read: a decision holds facts of its record, so it is told to those who see the record."""

from typing import Any

from django.db.models import Q

from revops.kernel.people import access
from revops.kernel.policies import facts
from revops.kernel.records import registry


def seen(user: Any) -> Q:
    """Return the condition of the decisions about records that `user` sees."""
    found = Q(pk__in=[])
    kinds = {one.label: one for one in registry.every()}
    for label in [schema.record_type for schema in facts.every() if schema.record_type in kinds]:
        held = access.rights(user, label)
        if not held.sees_any:
            continue
        about = Q(subject_type=label)
        if held.view != access.Scope.ALL:
            about &= Q(subject_id__in=kinds[label].model.objects.visible_to(user).values("pk"))
        found |= about
    return found
