"""What waits for people in governance: requests to put live, requests that came back, votes of the council."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.db.models import Exists, OuterRef

from governance.enums import UNDECIDED, RfcState
from governance.models import ChangeRequest, DecisionItem, DecisionVote
from governance.policies.council import CouncilBody, in_force
from revops.kernel.people import access
from revops.kernel.records import work
from revops.kernel.records.work import Subject, Urgency, WorkItem, WorkSource, words

LIVE, BACK, VOTES = "rfc-live", "rfc-back", "council-vote"
_RFC = "governance.changerequest"


def to_put_live(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the approved requests that `user` may put live, the one approved first in front."""
    rows = _approved(user).order_by("decided_at", "pk").values("pk", "title", "decided_at")[:limit]
    return [
        WorkItem(
            source=LIVE,
            pk=row["pk"],
            title=row["title"],
            why=f"approved {words.since(now, row['decided_at'])}, and not live",
            urgency=Urgency.WAITING,
            at=row["decided_at"],
            subject=Subject(_RFC, row["pk"], row["title"]),
            url=f"/rfcs/{row['pk']}/",
        )
        for row in rows
    ]


def _approved(user: Any) -> Any:
    if not access.may_ever(user, "go_live", _RFC):
        return ChangeRequest.objects.none()
    return ChangeRequest.objects.filter(state=RfcState.APPROVED).visible_to(user)


def come_back(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the requests of `user` that the board rejected, the longest waiting first."""
    rows = _rejected(user).order_by("decided_at", "pk").values("pk", "title", "decided_at")[:limit]
    return [
        WorkItem(
            source=BACK,
            pk=row["pk"],
            title=row["title"],
            why=f"rejected {words.since(now, row['decided_at'])}: change it, or withdraw it",
            urgency=Urgency.WAITING,
            at=row["decided_at"],
            subject=Subject(_RFC, row["pk"], row["title"]),
            url=f"/rfcs/{row['pk']}/",
        )
        for row in rows
    ]


def _rejected(user: Any) -> Any:
    return ChangeRequest.objects.filter(requester=user, state=RfcState.REJECTED).visible_to(user)


def to_vote(user: Any, now: datetime, limit: int) -> Sequence[WorkItem]:
    """Return the topics on which `user` has a seat and no vote yet, the next meeting first."""
    rows = (
        _without_vote(user).order_by("meets_on", "pk").values("pk", "topic", "meets_on", "created_at")[:limit]
    )
    return [
        WorkItem(
            source=VOTES,
            pk=row["pk"],
            title=row["topic"],
            why=words.why(now, row["meets_on"]) if row["meets_on"] else "waits for your vote",
            urgency=words.urgency(now, row["meets_on"]) if row["meets_on"] else Urgency.WAITING,
            at=row["created_at"],
            url=f"/council/{row['pk']}/",
        )
        for row in rows
    ]


def _without_vote(user: Any) -> Any:
    label = DecisionItem._meta.label_lower
    seats = cast(CouncilBody, in_force().body).seats_of(access.roles_of(user))
    if not seats or not access.may_ever(user, "vote", label):
        return DecisionItem.objects.none()
    taken = DecisionVote.objects.filter(item=OuterRef("pk"), voter=user)
    rows = DecisionItem.objects.filter(~Exists(taken), state__in=UNDECIDED).exclude(proposer=user)
    return rows.exclude(rfc__requester=user).visible_to(user)


work.register(
    WorkSource(LIVE, "Changes to put live", "rocket", to_put_live, badge=lambda user, now: _approved(user))
)
work.register(
    WorkSource(
        BACK, "Requests that came back", "arrow-back-up", come_back, badge=lambda user, now: _rejected(user)
    )
)
work.register(
    WorkSource(VOTES, "Votes of the council", "gavel", to_vote, badge=lambda user, now: _without_vote(user))
)
