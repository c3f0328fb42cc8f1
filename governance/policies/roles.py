"""Custom roles as a policy: the same grants as the shipped matrix; a version brings the table in line (access.md)."""

from typing import Any

from pydantic import Field

from revops.kernel.audit import Blocked, Finding
from revops.kernel.people import closing
from revops.kernel.people.actions import DEFINING, apply_custom_roles, check_custom_role
from revops.kernel.people.models import CustomRole
from revops.kernel.policies import definitions, documents
from revops.kernel.policies.documents import Body, Part, PolicyDocument
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules.problems import Problem, RuleError

KEY = "governance.roles"


class RoleSetting(Part):
    """One role beside the shipped ones, with what it may do, record type by record type."""

    code: str = Field(min_length=1, max_length=40, title="Code")
    name: str = Field(min_length=1, max_length=120, title="Name")
    grants: dict[str, Any] = Field(
        title="Grants",
        description="By record type, as the matrix is printed: view O T S A, create, edit, actions.",
    )


class Roles(Body):
    """Every role beside the shipped ones; one that a version leaves out ends."""

    roles: tuple[RoleSetting, ...] = Field(default=(), max_length=100, strict=False, title="Roles")

    def check(self) -> None:
        """Raise RuleError unless each code stands here once and every grant is one that the matrix knows."""
        codes, problems = [one.code for one in self.roles], []
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            problems.append(Problem("/roles", "A code stands here twice", ", ".join(twice), "each code once"))
        for number, one in enumerate(self.roles):
            try:
                check_custom_role(one.code, one.name, one.grants)
            except Blocked as refusal:
                problems += [
                    Problem(
                        f"/roles/{number}/{finding.field}", finding.message, finding.found, finding.needed
                    )
                    for finding in refusal.findings
                ]
        if problems:
            raise RuleError(problems)

    def lines(self) -> list[str]:
        """Return a line a role."""
        return [f"{one.name} ({one.code}): {_words(one.grants)}" for one in self.roles] or [
            "No role beside the shipped ones."
        ]


def _words(grants: dict[str, Any]) -> str:
    return (
        ", ".join(f"{name} {body.get('view', '-')}" for name, body in sorted(grants.items()))
        or "sees nothing"
    )


def apply(policy: InForce) -> None:
    """Bring the custom roles in line with a version; codes once named and left out end.

    A role that was defined directly during set-up, and that no version ever named, stays as it is.
    """
    if not isinstance(policy.body, Roles):
        raise TypeError(f"{policy.key} holds no roles.")
    wanted = [CustomRole(code=one.code, name=one.name, grants=one.grants) for one in policy.body.roles]
    apply_custom_roles(wanted, retire=definitions.named(KEY, "roles", "code"))


def direct_way() -> Finding | None:
    """Return what speaks against defining a role directly: set-up mode has ended."""
    return definitions.closed(KEY, "PPL-014")


DOCUMENT = documents.register(
    PolicyDocument(
        key=KEY,
        title="Roles",
        body=Roles,
        default={"roles": []},
        source="spec/access.md: roles as data, made of the same grants, by request for change",
        help="Roles beside the shipped ones. Who holds them is given by administrators.",
        unsimulated="A version changes what holders of a role may see and do, and no record; compare the versions.",
        applied=apply,
    )
)
closing.closed_by("governance", DEFINING, direct_way)
