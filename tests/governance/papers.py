"""Policy documents that only these tests have."""

from pydantic import Field

from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body, PolicyDocument


class Limit(Body):
    """One number."""

    limit: int = Field(ge=0, le=1_000)

    def lines(self) -> list[str]:
        return [f"At most {self.limit}"]


def declare_limit(key: str) -> PolicyDocument:
    return documents.register(
        PolicyDocument(
            key=key,
            title=f"Limit of {key.partition('.')[0]}",
            body=Limit,
            default={"limit": 10},
            source="The tests",
            unsimulated="It is about nothing that is stored.",
        )
    )
