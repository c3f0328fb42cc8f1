"""What governance does about events: it tells those concerned, and asks for a rollback that is due."""

from typing import Any

from governance.actions.rfcs import demand_rollback
from governance.models import ChangeRequest, DecisionItem
from governance.policies import clocks
from governance.queries.people import holders
from revops.kernel import outbox
from revops.kernel.identity.models import User
from revops.kernel.notifications import Kind, kinds, notify
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people.enums import Role

kinds.register(
    Kind("rfc", "Requests for change", "The board decided about a request of yours, or it went live."),
    covers=[
        f"rfc.{what}"
        for what in (
            "approved",
            "rejected",
            "reopened",
            "live",
            "rolled_back",
            "held_back",
            "ratified",
            "rollback_demanded",
        )
    ],
)
kinds.register(
    Kind("rules", "Rules that change", "A rule changed, or was rolled back.", in_bell=False),
    covers=["rules.live", "rules.rolled_back"],
)
kinds.register(
    Kind(
        "rfc.overdue",
        "Decisions that are overdue",
        "The change board or the council has had its time.",
        urgent=False,
    )
)
_SAID = {
    "rfc.approved": "{number} is approved: {title}",
    "rfc.rejected": "{number} was rejected: {title}",
    "rfc.reopened": "{number} is a draft again, for it changed after it was submitted: {title}",
    "rfc.live": "{number} is live: {title}",
    "rfc.rolled_back": "{number} was rolled back: {title}",
    "rfc.held_back": "{number} did not go live as planned: {title}",
    "rfc.ratified": "{number} was ratified: {title}",
    "rfc.rollback_demanded": "{number} is to be rolled back: {title}",
}
_TO_OPERATIONS = {"rfc.approved", "rfc.held_back", "rfc.rolled_back", "rfc.rollback_demanded"}
_TO_EVERYBODY = {"rfc.live": "rules.live", "rfc.rolled_back": "rules.rolled_back"}


@outbox.receives("rfc.approved", key="governance.tell_approved")
@outbox.receives("rfc.rejected", key="governance.tell_rejected")
@outbox.receives("rfc.reopened", key="governance.tell_reopened")
@outbox.receives("rfc.live", key="governance.tell_live")
@outbox.receives("rfc.rolled_back", key="governance.tell_rolled_back")
@outbox.receives("rfc.held_back", key="governance.tell_held_back")
@outbox.receives("rfc.ratified", key="governance.tell_ratified")
@outbox.receives("rfc.rollback_demanded", key="governance.tell_rollback_demanded")
def tell(event: OutboxEvent) -> None:
    """Tell the requester and operations what became of a request; everybody, in the digest, that a rule changed."""
    rfc = ChangeRequest.objects.get(pk=event.subject_id)
    words = _SAID[event.type].format(number=rfc.number, title=rfc.title)
    people = {rfc.requester_id, *(holders(Role.REVOPS) if event.type in _TO_OPERATIONS else ())}
    people.discard(event.payload["by"])
    _notify(people, event.type, words, event, rfc.get_absolute_url(), event.payload.get("why", ""))
    if event.type in _TO_EVERYBODY:
        everybody = User.objects.filter(is_active=True, kind="person").values_list("pk", flat=True)
        kind = _TO_EVERYBODY[event.type]
        _notify(set(everybody) - people, kind, words, event, rfc.get_absolute_url())


def _notify(people: Any, kind: str, words: str, event: OutboxEvent, url: str, text: str = "") -> None:
    notify(
        people,
        kind,
        words,
        text,
        url,
        (event.subject_type, event.subject_id),
        dedupe_key=f"{kind}:{event.id}",
    )


@outbox.receives("sla.breached", key="governance.overdue", acts=True)
def overdue(event: OutboxEvent) -> None:
    """Tell the council that a decision is overdue; an emergency that nobody ratified is to be rolled back."""
    key = event.payload["policy"].partition("@")[0].partition("[")[0]
    pk = event.payload["subject_id"]
    if key == clocks.RATIFY:
        demand_rollback(by=User.objects.system(), pk=pk)
    told: dict[str, Any] = {
        clocks.DECISION: ChangeRequest,
        clocks.RATIFY: ChangeRequest,
        clocks.COUNCIL: DecisionItem,
    }
    if key not in told:
        return
    record = told[key].objects.get(pk=pk)
    people = [*holders(Role.COUNCIL), *(holders(Role.REVOPS) if key != clocks.COUNCIL else ())]
    words = f"The decision about {record.number} is overdue: {record}"
    if key == clocks.RATIFY:
        words = f"Nobody ratified {record.number} in time; it is to be rolled back: {record}"
    notify(
        people,
        "rfc.overdue",
        words,
        "",
        record.get_absolute_url(),
        record,
        dedupe_key=f"rfc.overdue:{event.id}",
    )
