"""Who hears of a step about a silent deal, and in which words; one statement a kind, however many there are."""

from collections.abc import Iterator, Mapping, Sequence

from opportunities.actions.sweeping.looking import Run
from opportunities.enums import SweepStep
from opportunities.models import IdleStep
from opportunities.policies.silence import Silence
from revops.kernel.notifications import Note, kinds, tell
from revops.kernel.notifications.kinds import Kind
from revops.kernel.people.access import organisation

KIND = "opportunity.silent"
kinds.register(
    Kind(
        KIND,
        "Silent buyers",
        "The buyer of a deal of yours, or of one of your people's, has not been heard for long.",
    )
)
_NUDGE = (
    "After {after} idle days your manager hears of it. A held meeting, a mail from the buyer or a connected call "
    "counts; what you send does not."
)
_ESCALATED = (
    "It is forecast as best case at most until the buyer is heard. Its owner says within two business days why it "
    "stalls."
)
_CLOSED = "Lost by policy: no decision, timed out. Its owner reopens it when the buyer comes back."


def tell_of(rows: Sequence[IdleStep], silences: Mapping[int, Silence], run: Run) -> None:
    """Tell owners and managers of steps that were taken, each once an episode."""
    tell(KIND, [note for row in rows for note in _notes(row, silences[row.opportunity_id], run)])


def _notes(row: IdleStep, silence: Silence, run: Run) -> Iterator[Note]:
    deal = row.opportunity
    title, text = _words(row, silence, run)
    for person in _who(row):
        yield Note(
            person,
            f"{title}: {deal.name}",
            f"{KIND}:{deal.pk}:{row.silent_since}:{row.step}",
            text,
            deal.get_absolute_url(),
            ("opportunities.opportunity", deal.pk),
        )


def _who(row: IdleStep) -> list[int]:
    """Return the owner, and from the escalation on the manager as well."""
    owner = row.opportunity.owner_id
    if owner is None:
        return []
    manager = organisation.current().manager_of.get(owner)
    heard = {owner} if row.step == SweepStep.NUDGE else {owner, manager}
    return sorted(person for person in heard if person is not None)


def _words(row: IdleStep, silence: Silence, run: Run) -> tuple[str, str]:
    """Return title and text."""
    idle = row.idle_days
    if row.step == SweepStep.NUDGE:
        after = run.body.of(row.opportunity.segment).escalate
        return f"{idle} days without the buyer", _NUDGE.format(after=after)
    if row.step == SweepStep.ESCALATE:
        return f"{idle} days without the buyer, escalated", _ESCALATED
    if row.step == SweepStep.NOTICE:
        return f"Final notice after {idle} idle days", _notice(row, silence)
    return f"Closed after {idle} days without the buyer", _CLOSED


def _notice(row: IdleStep, silence: Silence) -> str:
    if silence.kept:
        return f"It is not closed because {', '.join(silence.kept)}; otherwise it would be, from {row.closes_on} on."
    return f"Unless the buyer is heard it is closed as “no decision – timed out” from {row.closes_on} on."
