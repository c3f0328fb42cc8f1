"""How a request for change is prepared and looked at afterwards, and who owns what it touches. Source: d1, DEF-1."""

from functools import cached_property
from typing import Any, cast

from pydantic import Field

from governance.enums import ObjectOwner
from revops.kernel import policies
from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body, Part, PolicyDocument

KEY = "governance.change_control"
_OWNERS = "^(sales|marketing|money|operations)$"


class Owned(Part):
    """The owner of the policies whose keys begin with `prefix`; the longest prefix that fits decides."""

    prefix: str = Field(min_length=1, max_length=80)
    owner: str = Field(
        pattern=_OWNERS, json_schema_extra={"labels": {one.value: str(one.label) for one in ObjectOwner}}
    )


class ControlBody(Body):
    """What every request needs, and when it is looked at again."""

    rollback_plan_characters: int = Field(ge=1, le=1_000, title="Least length of a rollback plan")
    check_after_days: int = Field(ge=1, le=90, title="Days until it is checked what came of it")
    owners: tuple[Owned, ...] = Field(max_length=100, strict=False, title="Who owns which policies")

    @cached_property
    def _longest_first(self) -> list[Owned]:
        return sorted(self.owners, key=lambda one: -len(one.prefix))

    def owner_of(self, policy_key: str) -> str:
        """Return who owns the records that a policy is about; operations where nobody is named."""
        fitting = (one.owner for one in self._longest_first if policy_key.startswith(one.prefix))
        return next(fitting, ObjectOwner.OPERATIONS.value)

    def lines(self) -> list[str]:
        return [
            f"A rollback plan has at least {self.rollback_plan_characters} characters.",
            f"What came of a change is checked {self.check_after_days} days after it went live.",
            *(f"Policies “{one.prefix}…” belong to {ObjectOwner(one.owner).label}." for one in self.owners),
        ]


_DEFAULT: dict[str, Any] = {
    "rollback_plan_characters": 20,
    "check_after_days": 14,
    "owners": [
        {"prefix": "accounts.", "owner": "sales"},
        {"prefix": "opportunities.", "owner": "sales"},
        {"prefix": "opportunities.deal_desk", "owner": "money"},
        {"prefix": "routing.", "owner": "sales"},
        {"prefix": "marketing.", "owner": "marketing"},
        {"prefix": "quotes.", "owner": "money"},
        {"prefix": "pricing.", "owner": "money"},
        {"prefix": "forecasting.", "owner": "sales"},
    ],
}

DOCUMENT = documents.register(
    PolicyDocument(
        key=KEY,
        title="Change control",
        body=ControlBody,
        default=_DEFAULT,
        source="d1 RFC, DEF-1; addenda, Governance",
        help="What a request for change needs before it is submitted, who owns what it touches, when it is checked.",
        unsimulated="It speaks of requests for change alone; those that are submitted keep what they were asked.",
    )
)


def body() -> ControlBody:
    """Return what is in force now."""
    return cast(ControlBody, policies.get(KEY).body)
