"""Which deals are inspected weekly, and what the five questions ask of them. Source: §10.3.

Each question is a condition of the facts of a deal; where it does not hold the question has failed. The first one is
answered by the inspector, so that its line holds unless they say “yes” and name no field.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Case, CharField, Q, Value, When
from django.db.models.expressions import Combinable

from opportunities import facts  # noqa: F401 - the conditions below are read against them
from opportunities.enums import OPEN, ForecastCategory, Stage
from opportunities.models import Opportunity
from revops.kernel import policies
from revops.kernel.gates.criteria import GateBody, Parsed
from revops.kernel.policies import documents, rules
from revops.kernel.policies.answers import Answer
from revops.kernel.policies.documents import PolicyDocument, Simulation
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import Outcome
from revops.kernel.policies.rules.problems import Problems

KEY = "opportunities.inspections"
DUE = "due"
CHANGED, BUYER, STEP, SLIPPED, RISK = QUESTIONS = ("q1", "q2", "q3", "q4", "q5")
HOLDS, FAILS = "holds", "fails"
_COMMIT = {"f": "opportunity.forecast_category", "op": "eq", "v": "commit"}


class InspectionBody(GateBody):
    """The deals that are inspected every week, and the five questions."""

    record_type: ClassVar[str] = "opportunities.opportunity"
    gates: ClassVar[Mapping[str, str]] = {
        DUE: "Inspected every week",
        CHANGED: "What changed on the buyer's side",
        BUYER: "Economic buyer",
        STEP: "Next step",
        SLIPPED: "If it slipped",
        RISK: "The risk that would kill it",
    }

    def check(self) -> None:
        """Parse every rule. Raises RuleError unless each gate has one line under its own key."""
        problems = Problems()
        for gate in self.gates:
            keys = [one.criterion.key for one in self.parsed if one.criterion.gate == gate]
            if keys != [gate]:
                problems.add(
                    "/criteria", "Each question stands here once, under its own key", ", ".join(keys), gate
                )
        problems.raise_any()

    @property
    def due(self) -> Parsed:
        """Return the line that says which deals are inspected."""
        return self.of({DUE})[0]

    @property
    def questions(self) -> tuple[Parsed, ...]:
        """Return the five questions in order."""
        return tuple(self.of({key})[0] for key in QUESTIONS)

    def decide(
        self, question: Mapping[str, Any], values: Mapping[str, Any], now: datetime, policy: InForce
    ) -> Answer:
        """Say which questions a deal with these facts fails.

        `question["unsaid"]` says that the inspector saw a change and named no field; `question["excused"]` names the
        questions that are excused.
        """
        verdicts = tuple(one.verdict(values, now, policy) for one in self.questions)
        failed = [
            one.key
            for one, verdict in zip(self.questions, verdicts, strict=True)
            if (verdict.outcome != Outcome.TRUE or (one.key == CHANGED and question.get("unsaid")))
            and one.insists(policy) == Mode.ENFORCE
            and one.key not in question.get("excused", ())
        ]
        return Answer(FAILS if failed else HOLDS, verdicts)


def _line(
    gate: str, title: str, rule: Mapping[str, Any], supplied_by: str = "", **more: Any
) -> dict[str, Any]:
    held = {"gate": gate, "key": gate, "title": title, "rule": dict(rule), "supplied_by": supplied_by}
    return {name: value for name, value in (held | more).items() if value != ""}


def _engaged(within: str) -> dict[str, Any]:
    return {"f": "opportunity.economic_buyer_engaged_at", "op": "within", "v": within}


_STEP: dict[str, Any] = {
    "all": [
        {"f": "opportunity.next_step_on", "op": "gte", "v": {"now": "P0D"}},
        {"f": "opportunity.next_step_side", "op": "eq", "v": "buyer"},
        {"f": "opportunity.next_step_contact", "op": "not_null"},
    ]
}
_RISK: dict[str, Any] = {
    "all": [
        {"f": "opportunity.meddicc_risks", "op": "gte", "v": 1},
        {"f": "opportunity.risk_mitigation", "op": "not_null"},
    ]
}
_SHIPPED = (
    _line(
        DUE,
        "Commit, and every deal from Proposal on",
        {
            "any": [
                _COMMIT,
                {"f": "opportunity.stage", "op": "in", "v": [str(Stage.PROPOSAL), str(Stage.CONTRACTING)]},
            ]
        },
    ),
    _line(
        CHANGED,
        "What changed on the buyer's side, and which field captures it?",
        {"const": True},
        note="Who says that something changed names the field that captures it.",
    ),
    _line(
        BUYER,
        "Who is the economic buyer, and when were they last engaged?",
        {"any": [_engaged("P14D"), {"all": [{"not": _COMMIT}, _engaged("P30D")]}]},
        "economic_buyer",
        note="Within 14 days in Commit, within 30 days otherwise.",
    ),
    _line(
        STEP,
        "What is the next step, on which day, and who of the buyer owns it?",
        _STEP,
        "buyer_step",
        note="A day that has not passed, and somebody of the buyer's who owns it.",
    ),
    _line(
        SLIPPED,
        "If it slipped, was it brought down the same day?",
        {"f": "opportunity.slip_kept_at", "op": "is_null"},
        note="A slip in Commit or Upside brings the category down the same day.",
    ),
    _line(
        RISK,
        "Which single risk would kill the deal, and who answers it?",
        _RISK,
        "meddicc_risks",
        note="The biggest risk is logged, with its mitigation.",
    ),
)


def _simulated(policy: InForce, now: datetime) -> Combinable:
    """Return in SQL whether a version has a deal inspected every week."""
    if policy.broken is not None:
        return Value(DUE, output_field=CharField())
    body = _body(policy)
    return Case(
        When(rules.to_q(body.due.whole, now), then=Value(DUE)), default=Value(""), output_field=CharField()
    )


INSPECTIONS = documents.register(
    PolicyDocument(
        key=KEY,
        title="Inspections of deals",
        body=InspectionBody,
        default={"criteria": list(_SHIPPED)},
        source="§10.3: five questions, weekly for every Commit or late-stage deal; 14 and 30 days",
        mode=Mode.ENFORCE,
        simulation=Simulation(
            "opportunities.opportunity",
            rows=lambda: Opportunity.objects.filter(stage__in=OPEN),
            outcome=_simulated,
            words=lambda outcome: "inspected every week" if outcome == DUE else "not inspected",
        ),
        help=(
            "A deal in Commit that fails a question which is enforced is brought down when the inspection is saved. "
            "A question that warns is told and brings nothing down."
        ),
    )
)


def in_force(at: datetime | None = None) -> InForce:
    """Return the version of the inspections in force, or the shipped one where that is broken."""
    return policies.get_sound(KEY, at=at)


def body_of(policy: InForce) -> InspectionBody:
    """Return the body of a version of the inspections."""
    return _body(policy)


def _body(policy: InForce) -> InspectionBody:
    if not isinstance(policy.body, InspectionBody):
        raise TypeError(f"{KEY} holds another body than its document says.")
    return policy.body


def due(now: datetime) -> Q:
    """Return the condition of the open deals that are inspected in the week of `now`."""
    rule = body_of(in_force(now)).due.whole
    return Q(stage__in=OPEN, tombstone_of__isnull=True) & rules.to_q(rule, now)


# The most that a deal in Commit which failed is forecast as.
MOST = ForecastCategory.BEST_CASE
