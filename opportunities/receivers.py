"""What the opportunities domain does about events: one action call each."""

from opportunities.actions import activities
from revops.kernel import outbox
from revops.kernel.identity.models import User
from revops.kernel.notifications import notify_owner_on
from revops.kernel.outbox.models import OutboxEvent

notify_owner_on("opportunity.assigned")


@outbox.receives("activity.logged", key="opportunities.activity_logged", acts=True)
@outbox.receives("activity.scheduled", key="opportunities.activity_scheduled", acts=True)
@outbox.receives("activity.outcome_recorded", key="opportunities.activity_outcome", acts=True)
@outbox.receives("activity.edited", key="opportunities.activity_edited", acts=True)
def link_activity(event: OutboxEvent) -> None:
    """Link an activity to the open deals that its contacts are in, and hear whether a buyer took part."""
    activities.link_activity(by=User.objects.system(), pk=event.subject_id)


@outbox.receives("activity.attendees_changed", key="opportunities.activity_attendees", acts=True)
def link_attendees(event: OutboxEvent) -> None:
    """Link an activity to the deals of those who turned out to have taken part."""
    activities.link_activity(by=User.objects.system(), pk=event.payload["activity"])
