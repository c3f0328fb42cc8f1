"""Deals that fail at one criterion again and again: the manager and enablement hear of them. Source: d2, Alerts."""

from collections import Counter
from datetime import datetime, timedelta

from opportunities.models import Opportunity
from revops.kernel import audit, clocks, outbox
from revops.kernel.gates.enums import Outcome
from revops.kernel.gates.models import GateAttempt
from revops.kernel.identity.models import User
from revops.kernel.notifications import Note, tell
from revops.kernel.notifications.kinds import Kind, register
from revops.kernel.people.access.organisation import current
from revops.kernel.people.enums import Role

KIND = "opportunity.gate_failed_again"
LABEL = "opportunities.opportunity"
TIMES = 3
# Attempts of so long are looked at anew each time; who was told once is not told again.
FRESH, WINDOW = timedelta(days=1), timedelta(days=90)

register(
    Kind(
        KIND,
        "Deals that fail at the same criterion again and again",
        "A deal of one of your people's was refused three times for the same criterion.",
    )
)


@outbox.job("opportunities.gate_alerts", owner="ENABLEMENT", every=600)
def alert() -> str:
    """Tell managers and enablement of deals that failed three times at the same criterion; each once."""
    return f"{failing_again(clocks.now())} deals failed three times at a criterion"


def failing_again(now: datetime) -> int:
    """Tell of each deal and criterion that refused it three times in the same stage; return how many there are.

    A constant number of statements. Who was told of a deal, criterion and stage is never told of it again.
    """
    refused = GateAttempt.objects.filter(subject_type=LABEL, outcome=Outcome.REFUSED)
    lately = refused.filter(tried_at__gte=now - FRESH).order_by().values("subject_id")
    rows = refused.filter(subject_id__in=lately, tried_at__gte=now - WINDOW).order_by()
    counts: Counter[tuple[int, str, str]] = Counter()
    said: dict[tuple[int, str, str], str] = {}
    for pk, stage, findings in rows.values_list("subject_id", "from_state", "findings"):
        for key, message in {
            one["criterion"]: one["message"] for one in findings if one.get("criterion")
        }.items():
            counts[pk, stage, key] += 1
            said[pk, stage, key] = message
    found = {place: said[place] for place, n in counts.items() if n >= TIMES}
    if found:
        _tell(found)
    return len(found)


def _tell(found: dict[tuple[int, str, str], str]) -> None:
    """Write the notifications, in a change of their own."""
    organisation = current()
    enabling = {pk for pk, roles in organisation.roles.items() if Role.ENABLEMENT in roles}
    deals = Opportunity.objects.in_bulk({pk for pk, _, _ in found})
    notes = []
    for (pk, stage, key), message in found.items():
        deal = deals.get(pk)
        if deal is None or deal.stage != stage:
            continue
        manager = organisation.manager_of.get(deal.owner_id or 0)
        people = enabling if manager is None else enabling | {manager}
        title = f"{deal.name} failed three times at the same criterion"
        place, url = f"gate:{pk}:{stage}:{key}", deal.get_absolute_url()
        notes += [Note(person, title, place, message, url, deal) for person in sorted(people)]
    with audit.change(by=User.objects.system(), action="opportunity.tell_of_failing_gates"):
        tell(KIND, notes)
