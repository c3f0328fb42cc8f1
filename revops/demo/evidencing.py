"""What the demo company can show: needs and problems in the buyers' words, verified, waiting, rejected, out of date."""

from datetime import timedelta
from functools import partial

from opportunities.actions.evidence import add_evidence, asking, reject_evidence, verify_evidence
from opportunities.enums import OPEN, EvidenceKind, Stage
from opportunities.models import StageEvidence
from revops.demo import plan
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.kernel.identity.models import User

_LATER, _NOW = timedelta(hours=3), timedelta(days=DAYS)
_NEEDS = (
    "We close our books nine days late because three systems disagree",
    "Our people type every order twice, and one in twenty is wrong",
    "By next year the auditors want to see who approved what",
    "We cannot say today which customers will leave this quarter",
)
_PROBLEMS = (
    "Two of my people do nothing but reconcile, that is what it costs us",
    "We lost a customer in spring because nobody saw the signs",
    "Without it we hire four more people in autumn, and I have no budget for them",
)
_MISSING = "The mail speaks of last year's project; we need their word about this one."


def write(diary: Diary) -> None:
    """Write down what buyers said about the deals that are open now, and what managers made of it.

    What was said when the oldest deals were opened has expired meanwhile.
    """
    rejected = False
    for number, deal in enumerate(plan.deals()):
        entered = {step.stage: step.at for step in deal.steps}
        if deal.stage not in OPEN or Stage.DISCOVERY not in entered:
            continue
        need = partial(_add, diary, number, EvidenceKind.NEED_STATEMENT, _NEEDS[number % len(_NEEDS)])
        diary.note(entered[Stage.DISCOVERY] - _LATER, need)
        problem = _PROBLEMS[number % len(_PROBLEMS)]
        said = partial(_add, diary, number, EvidenceKind.PROBLEM_STATEMENT, problem)
        if Stage.EVALUATION in entered:
            diary.note(entered[Stage.EVALUATION] - 2 * _LATER, said)
            diary.note(entered[Stage.EVALUATION] - _LATER, partial(_decide, diary, number, True))
        elif number % 2:
            diary.note(_NOW - timedelta(days=1, hours=number % 5), said)
            if not rejected:
                diary.note(_NOW - _LATER, partial(_decide, diary, number, False))
            rejected = True


def _add(diary: Diary, number: int, kind: EvidenceKind, statement: str) -> None:
    company = plan.deals()[number].company
    owner = diary.people[plan.companies()[company].owner]
    values = {
        "kind": kind,
        "statement": statement,
        "stated_by": diary.contacts[company][0].pk,
        "url": f"https://mail.example.com/{diary.deals[number].pk}/{kind.replace('_', '-')}",
    }
    add_evidence(by=owner, pk=diary.deals[number].pk, values=values)


def _decide(diary: Diary, number: int, verified: bool) -> None:
    """Let the manager who was asked look at what waits."""
    waiting = StageEvidence.objects.filter(
        opportunity=diary.deals[number].pk, kind=EvidenceKind.PROBLEM_STATEMENT, verifier__isnull=True
    )
    for evidence in waiting.select_related("opportunity"):
        asked = asking.verifier(evidence.opportunity, evidence.submitted_by_id)
        by = User.objects.filter(pk=asked or 0).first()
        if by is None:
            continue
        if verified:
            verify_evidence(by=by, pk=evidence.pk)
        else:
            reject_evidence(by=by, pk=evidence.pk, note=_MISSING)
