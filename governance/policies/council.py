"""The council: which roles sit on which seat, and how many votes make a decision. Source: d9, addenda (4 of 5)."""

from collections.abc import Collection
from typing import Any

from pydantic import Field

from governance.enums import Seat
from revops.kernel import policies
from revops.kernel.people.enums import Role
from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body, Part, PolicyDocument
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules.problems import Problem, RuleError

KEY = "governance.council"
_SEATS = "^(sales|marketing|success|finance|legal)$"
_LABELS: dict[str, Any] = {"labels": {one.value: str(one.label) for one in Seat}}


class SeatOf(Part):
    """One seat and the roles that may sit on it; whoever votes holds the role COUNCIL as well."""

    seat: str = Field(pattern=_SEATS, json_schema_extra=_LABELS)
    roles: tuple[str, ...] = Field(min_length=1, max_length=20, strict=False)


class CouncilBody(Body):
    """Seats, quorum and the seats without which there is no decision."""

    seats: tuple[SeatOf, ...] = Field(min_length=1, max_length=5, strict=False, title="Seats")
    quorum: int = Field(ge=1, le=5, title="Votes that a decision needs")
    required: tuple[str, ...] = Field(max_length=5, strict=False, title="Seats that must vote")

    def check(self) -> None:
        held, problems = [one.seat for one in self.seats], []
        if len(set(held)) < len(held):
            problems.append(Problem("/seats", "A seat stands here twice", str(held), "each seat once"))
        if self.quorum > len(held):
            problems.append(
                Problem("/quorum", "So many seats there are not", str(self.quorum), f"{len(held)} or fewer")
            )
        problems += [
            Problem(f"/required/{place}", "This is no seat of the council", seat, ", ".join(held))
            for place, seat in enumerate(self.required)
            if seat not in held
        ]
        problems += [
            Problem(f"/seats/{place}/roles/{at}", "This is no role", role, "the code of a role")
            for place, one in enumerate(self.seats)
            for at, role in enumerate(one.roles)
            if role not in Role.values
        ]
        if problems:
            raise RuleError(problems)

    def seats_of(self, roles: Collection[str]) -> list[str]:
        """Return the seats on which holders of `roles` may sit, in their order."""
        return [one.seat for one in self.seats if set(one.roles) & set(roles)]

    def lines(self) -> list[str]:
        must = ", ".join(str(Seat(seat).label) for seat in self.required)
        return [
            f"A decision needs the votes of {self.quorum} of {len(self.seats)} seats"
            + (f", {must} among them." if must else "."),
            *(f"{Seat(one.seat).label}: held by {' or '.join(one.roles)}." for one in self.seats),
        ]


_DEFAULT: dict[str, Any] = {
    "seats": [
        {"seat": "sales", "roles": ["CRO", "VP_SALES"]},
        {"seat": "marketing", "roles": ["MKT_OPS"]},
        {"seat": "success", "roles": ["CS_LEAD"]},
        {"seat": "finance", "roles": ["CFO", "FINANCE"]},
        {"seat": "legal", "roles": ["LEGAL"]},
    ],
    "quorum": 4,
    "required": ["finance"],
}

DOCUMENT = documents.register(
    PolicyDocument(
        key=KEY,
        title="Council",
        body=CouncilBody,
        default=_DEFAULT,
        source="addenda, Governance: quorum 4 of 5 including Finance",
        help="Who sits in the council, and how many votes make a decision.",
        unsimulated="Decisions taken keep the version under which they were taken.",
    )
)


def in_force() -> InForce:
    """Return the version in force now."""
    return policies.get(KEY)
