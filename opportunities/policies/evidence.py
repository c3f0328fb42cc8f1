"""The policy of evidence: how long each kind holds, who says it, who verifies it. Source: d2, defaults."""

from typing import Any, Literal

from pydantic import Field

from opportunities.enums import EvidenceKind
from revops.kernel import policies, sla
from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body, Part, PolicyDocument
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules.problems import Problem, RuleError

EVIDENCE, VERIFICATION = "opportunities.evidence", "opportunities.verification"
VERIFIED, REJECTED = "evidence.verified", "evidence.rejected"


class KindTerms(Part):
    """What is asked of one kind of evidence."""

    kind: str = Field(pattern=f"^({'|'.join(EvidenceKind.values)})$", title="Kind")
    max_age_days: int = Field(ge=1, le=3_650, title="Holds for so many days")
    buyer_side: bool = Field(default=True, title="Somebody of the buyer's said it")
    verify: Literal["none", "manager"] = Field(default="none", title="Verified by")


class EvidenceTerms(Body):
    """What is asked of every kind of evidence, and how much a statement says at least."""

    kinds: tuple[KindTerms, ...] = Field(max_length=40, strict=False, title="Kinds")
    statement_length: int = Field(default=15, ge=1, le=400, title="Characters of a statement, at least")

    def of(self, kind: str) -> KindTerms:
        """Return what is asked of a kind."""
        return next(one for one in self.kinds if one.kind == kind)

    def check(self) -> None:
        """Raise RuleError unless every kind stands here once."""
        found = [one.kind for one in self.kinds]
        if sorted(found) != sorted(EvidenceKind.values):
            needed = ", ".join(EvidenceKind.values)
            raise RuleError([Problem("/kinds", "Every kind stands here once", ", ".join(found), needed)])

    def lines(self) -> list[str]:
        """Return a line a kind."""
        told = [f"A statement has at least {self.statement_length} characters"]
        for one in self.kinds:
            said = "said by the buyer" if one.buyer_side else "said by anybody"
            verified = ", verified by a manager" if one.verify == "manager" else ""
            label = EvidenceKind(one.kind).label
            told.append(f"{label}: {said}{verified}, holds for {one.max_age_days} days")
        return told


def _terms(kind: EvidenceKind) -> dict[str, Any]:
    verify = "manager" if kind == EvidenceKind.PROBLEM_STATEMENT else "none"
    # Of rivals and risks we may know without the buyer.
    ours = kind in (EvidenceKind.COMPETITION, EvidenceKind.RISK)
    return {"kind": str(kind), "max_age_days": 90, "buyer_side": not ours, "verify": verify}


documents.register(
    PolicyDocument(
        key=EVIDENCE,
        title="Evidence of deals",
        body=EvidenceTerms,
        default={"kinds": [_terms(kind) for kind in EvidenceKind], "statement_length": 15},
        source="d2, defaults: evidence holds 90 days; exit criteria: a problem is verified by the manager",
        scopes=("segment",),
        help="What is asked of evidence before it is taken. Which evidence a stage asks for say the exit criteria.",
        unsimulated=(
            "Evidence keeps the terms under which it was submitted; a new version holds for what comes later."
        ),
    )
)
sla.document(
    key=VERIFICATION,
    title="Verification of evidence",
    target=sla.length(2, "business_days"),
    source="d2, defaults: verified by the manager within 2 business days",
    record_type="opportunities.stageevidence",
    stop_on=(VERIFIED, REJECTED),
    help="From when evidence that a manager verifies was submitted until it is verified or rejected.",
)


def terms(segment: str) -> EvidenceTerms:
    """Return what is asked of evidence about deals of a segment, by the version in force."""
    return _body(policies.get_sound(EVIDENCE, {"segment": segment}))


def _body(policy: InForce) -> EvidenceTerms:
    if not isinstance(policy.body, EvidenceTerms):
        raise TypeError(f"{EVIDENCE} holds another body than its document says.")
    return policy.body
