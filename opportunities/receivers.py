"""What the opportunities domain does about events: one action call each."""

from opportunities.actions import activities
from opportunities.actions.evidence import asking
from opportunities.enums import EvidenceKind
from opportunities.models import StageEvidence
from revops.kernel import outbox
from revops.kernel.identity.models import User
from revops.kernel.notifications import kinds, notify, notify_owner_on
from revops.kernel.notifications.kinds import Kind
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


kinds.register(
    Kind("evidence", "Evidence", "Evidence waits for you, or somebody has decided about yours."),
    covers=("opportunity.evidence_added", "opportunity.evidence_verified", "opportunity.evidence_rejected"),
)


@outbox.receives("opportunity.evidence_added", key="opportunities.evidence_added")
def tell_verifier(event: OutboxEvent) -> None:
    """Tell the manager who is asked that evidence waits for them."""
    if event.payload["asked"] is not None:
        _tell(event, event.payload["asked"], "waits for you to verify it")


@outbox.receives("opportunity.evidence_verified", key="opportunities.evidence_verified")
def tell_verified(event: OutboxEvent) -> None:
    """Tell who submitted evidence that it was verified."""
    _tell(event, event.payload["submitted_by"], "was verified")


@outbox.receives("opportunity.evidence_rejected", key="opportunities.evidence_rejected")
def tell_rejected(event: OutboxEvent) -> None:
    """Tell who submitted evidence that it was rejected, and what is missing."""
    _tell(event, event.payload["submitted_by"], "was rejected")


def _tell(event: OutboxEvent, person: int, said: str) -> None:
    evidence = StageEvidence.objects.filter(pk=event.subject_id).select_related("opportunity").first()
    if evidence is None:
        return
    notify(
        [person],
        event.type,
        f"{EvidenceKind(evidence.kind).label} of {evidence.opportunity.name} {said}",
        evidence.verdict_note,
        evidence.get_absolute_url(),
        evidence,
        dedupe_key=f"event:{event.pk}",
    )


@outbox.receives("opportunity.assigned", key="opportunities.verification_assigned", acts=True)
@outbox.receives("opportunity.won", key="opportunities.verification_won", acts=True)
@outbox.receives("opportunity.lost", key="opportunities.verification_lost", acts=True)
@outbox.receives("opportunity.reopened", key="opportunities.verification_reopened", acts=True)
def ask_verification_again(event: OutboxEvent) -> None:
    """Let what waits for verification follow its deal: to another manager, or to nobody while it is closed."""
    asking.ask_again(by=User.objects.system(), pk=event.subject_id)
