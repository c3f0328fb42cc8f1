"""Policy documents that only these tests have."""

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from revops.kernel.policies import documents, required
from revops.kernel.policies.documents import Body, PolicyDocument
from revops.kernel.policies.enums import Mode


class Limit(Body):
    """One number."""

    limit: int = Field(ge=0, le=1_000)

    def lines(self) -> list[str]:
        return [f"At most {self.limit}"]


class Small(Body):
    """The number of a later, stricter version of the software."""

    limit: int = Field(ge=0, le=100)


@dataclass(frozen=True)
class Documents:
    limit: PolicyDocument
    required: PolicyDocument


LARGE = {"f": "s.size", "op": "eq", "v": "ENT"}
FIELDS: tuple[dict[str, Any], ...] = (
    {"field": "s.name", "code": "SUB-001"},
    {"field": "s.number", "when": LARGE, "code": "SUB-002", "note": "Ask the owner."},
    {"field": "s.day", "when": {"f": "s.flag", "op": "eq", "v": True}, "mode": "observe", "code": "SUB-003"},
)


def declare_documents() -> Documents:
    """Register a limit that may differ by segment and geography, and required fields of the specimens."""
    limit = documents.register(
        PolicyDocument(
            key="specimens.limit",
            title="Limit of specimens",
            body=Limit,
            default={"limit": 10},
            source="The tests",
            mode=Mode.WARN,
            scopes=("segment", "geo"),
        )
    )
    fields = required.document(
        key="specimens.required_fields",
        title="Required fields of specimens",
        record_type="policy_specimens.subject",
        source="The tests",
        fields=FIELDS,
    )
    return Documents(limit, fields)
