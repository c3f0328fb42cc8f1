"""The governed reasons as a policy: which there are, by kind; a version brings their list in line. Source: d2."""

from typing import Any

from django.db.models import Case, QuerySet, TextField, Value, When
from pydantic import Field

from opportunities.enums import ReasonKind
from opportunities.models import Opportunity, Reason
from opportunities.policies.shipped_reasons import REASONS
from revops.kernel.policies import definitions, documents
from revops.kernel.policies.documents import Body, Part, PolicyDocument, Simulation
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules.problems import Problem, RuleError

KEY = "opportunities.reasons"
_KINDS = "|".join(ReasonKind.values)


class ReasonSetting(Part):
    """One reason: what it explains, what people call it, and what must be said beside it."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", title="Code")
    kind: str = Field(pattern=f"^({_KINDS})$", title="What it explains")
    label: str = Field(min_length=1, max_length=120, title="Name")
    requires_competitor: bool = Field(default=False, title="Needs the competitor")
    requires_text: bool = Field(default=False, title="Needs words")


class Reasons(Body):
    """Every reason that may be given; a code that a version leaves out may not be given any more."""

    reasons: tuple[ReasonSetting, ...] = Field(max_length=400, strict=False, title="Reasons")

    def check(self) -> None:
        """Raise RuleError unless each code stands here once and every kind has a reason."""
        codes, problems = [one.code for one in self.reasons], []
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            problems.append(
                Problem("/reasons", "A code stands here twice", ", ".join(twice), "each code once")
            )
        kinds = {one.kind for one in self.reasons}
        problems += [
            Problem("/reasons", "A kind has no reason", kind, "at least one reason of every kind")
            for kind in ReasonKind.values
            if kind not in kinds
        ]
        if problems:
            raise RuleError(problems)

    def lines(self) -> list[str]:
        """Return a line a reason."""
        return [f"{ReasonKind(one.kind).label}: {one.label} ({one.code})" for one in self.reasons]


def body_of(policy: InForce) -> Reasons:
    """Return the reasons of a version."""
    if not isinstance(policy.body, Reasons):
        raise TypeError(f"{policy.key} holds no reasons.")
    return policy.body


def apply(policy: InForce) -> None:
    """Bring the list of reasons in line with a version, in two statements; codes once named and left out end.

    What the admin added during set-up and no version ever named stays as it is.
    """
    wanted = {one.code: one for one in body_of(policy).reasons}
    Reason.objects.bulk_create(
        [
            Reason(
                code=one.code,
                kind=one.kind,
                label=one.label,
                requires_competitor=one.requires_competitor,
                requires_text=one.requires_text,
                is_active=True,
            )
            for one in wanted.values()
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["kind", "label", "requires_competitor", "requires_text", "is_active"],
    )
    gone = definitions.named(KEY, "reasons", "code") - wanted.keys()
    Reason.objects.filter(code__in=gone).update(is_active=False)


def _explained() -> QuerySet[Opportunity]:
    rows: QuerySet[Opportunity] = Opportunity.objects.filter(loss_reason__isnull=False)
    return rows


def _outcome(policy: InForce, now: Any) -> Case:
    """Return whether the reason of a deal may still be given, as SQL."""
    offered = [one.code for one in body_of(policy).reasons]
    return Case(
        When(loss_reason__code__in=offered, then=Value("offered")),
        default=Value("withdrawn"),
        output_field=TextField(),
    )


documents.register(
    PolicyDocument(
        key=KEY,
        title="Reasons",
        body=Reasons,
        default={
            "reasons": [
                {
                    "kind": kind,
                    "code": code,
                    "label": label,
                    "requires_competitor": rival,
                    "requires_text": words,
                }
                for kind, code, label, rival, words in REASONS
            ]
        },
        source="d2: coded reasons for losing, moving back, reopening and putting off",
        help="Why a deal was lost, moved back, reopened or put off. Records keep the reason that was given.",
        simulation=Simulation(
            record_type="opportunities.opportunity",
            rows=_explained,
            outcome=_outcome,
            words=lambda outcome: (
                "Its reason may be given" if outcome == "offered" else "Its reason may not be given"
            ),
        ),
        applied=apply,
    )
)
