"""Whom a piece of evidence waits for: a manager above the deal's owner, with a clock. Source: d2, defaults."""

from collections.abc import Iterator

from opportunities.enums import CLOSED, EvidenceState
from opportunities.models import Opportunity, StageEvidence
from opportunities.policies.evidence import VERIFICATION, terms
from revops.kernel import audit, sla
from revops.kernel.audit.writing import lock_many
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.people.access import organisation

RIGHT = "verify"


def ask(evidence: StageEvidence, deal: Opportunity) -> int | None:
    """Start the clock of a verification, in the change that is open; return who is asked, None where nobody may.

    A clock of nobody tells operations in the end.
    """
    found = verifier(deal, evidence.submitted_by_id)
    sla.start(VERIFICATION, evidence, at=evidence.submitted_at, owner=found)
    return found


def verifier(deal: Opportunity, submitter: int) -> int | None:
    """Return the nearest manager above the owner of a deal who may verify what `submitter` submitted about it."""
    line = [pk for pk in _above(deal) if pk not in (submitter, deal.owner_id)]
    people = User.objects.filter(is_active=True).in_bulk(line)
    able = (pk for pk in line if pk in people and access.allowed(people[pk], RIGHT, deal))
    return next(able, None)


def _above(deal: Opportunity) -> Iterator[int]:
    """Yield the managers above the holder of a deal, the nearest first."""
    known, seen = organisation.current(), set[int]()
    if deal.owner_id is not None:
        person = known.manager_of.get(deal.owner_id)
    else:
        person = known.team_manager.get(deal.team_id or 0)
    while person is not None and person not in seen:
        seen.add(person)
        yield person
        person = known.manager_of.get(person)


def ask_again(*, by: User, pk: int) -> int:
    """Let the verifications of a deal follow it: to the manager of a new owner, and to nobody while it is closed.

    Returns how many clocks were moved. Safe to repeat; a deal of which nothing waits costs one query. `by` is the
    system.
    """
    waiting = StageEvidence.objects.filter(opportunity=pk, state=EvidenceState.SUBMITTED)
    if not waiting.exists():
        return 0
    with audit.change(by=by, action="opportunity.ask_verification"):
        deal: Opportunity = audit.lock(Opportunity.objects.all(), pk=pk)
        rows: list[StageEvidence] = lock_many(waiting)
        asked = {one.kind for one in terms(deal.segment).kinds if one.verify == "manager"}
        return sum(_follow(row, deal, row.kind in asked) for row in rows)


def _follow(evidence: StageEvidence, deal: Opportunity, is_asked: bool) -> bool:
    """Bring the clock of one piece of evidence in line with its deal; say whether it moved."""
    open_ones = [clock for held in sla.running([evidence]).values() for clock in held]
    running = [clock for clock in open_ones if clock.policy_key == VERIFICATION]
    if deal.stage in CLOSED:
        return bool(running) and sla.cancel(evidence, VERIFICATION) is not None
    wanted = verifier(deal, evidence.submitted_by_id)
    if (running and running[0].owner_id == wanted) or not (running or is_asked):
        return False
    if running:
        sla.cancel(evidence, VERIFICATION)
    sla.start(VERIFICATION, evidence, at=evidence.submitted_at, owner=wanted)
    return True
