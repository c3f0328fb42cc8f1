"""Object definitions as a policy: what a record is, who owns it, when it begins and ends, where it is kept (d1)."""

from pydantic import Field

from governance.policies.shipped_objects import LIFECYCLE, OBJECTS, SYSTEMS
from revops.kernel.people.enums import Role
from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body, Part, PolicyDocument
from revops.kernel.policies.rules.problems import Problem, RuleError

KEY = "governance.objects"
_ROLES = f"^({'|'.join(Role.values)})$"


class Answered(Part):
    """Base of what a role answers for."""

    owner: str = Field(pattern=_ROLES, title="Owner")

    @property
    def answers(self) -> str:
        """Return who answers for it, in words."""
        return str(Role(self.owner).label)


class ObjectDefinition(Answered):
    """What one kind of record is."""

    name: str = Field(min_length=1, max_length=80, title="Name")
    definition: str = Field(min_length=10, max_length=1_000, title="Definition")
    entry: str = Field(min_length=1, max_length=500, title="When one begins")
    exit: str = Field(min_length=1, max_length=500, title="When it ends")
    system_of_record: str = Field(min_length=1, max_length=80, title="System of record")


class LifecycleStage(Answered):
    """One stage on the way from a name to a customer and beyond; the list is their order."""

    name: str = Field(min_length=1, max_length=80, title="Stage")
    entry: str = Field(min_length=1, max_length=500, title="Who enters")
    exit: str = Field(min_length=1, max_length=500, title="Who leaves")


class SystemOfRecord(Answered):
    """Which system has the last word about what."""

    holds: str = Field(min_length=1, max_length=120, title="What")
    system: str = Field(min_length=1, max_length=120, title="System of record")


class Objects(Body):
    """Object definitions, the lifecycle in its order, and the systems of record."""

    objects: tuple[ObjectDefinition, ...] = Field(min_length=1, max_length=100, strict=False, title="Objects")
    lifecycle: tuple[LifecycleStage, ...] = Field(
        min_length=2, max_length=30, strict=False, title="Lifecycle"
    )
    systems: tuple[SystemOfRecord, ...] = Field(
        min_length=1, max_length=50, strict=False, title="Systems of record"
    )

    def check(self) -> None:
        """Raise RuleError unless every name stands in its list once and every object names a known system."""
        problems = []
        for place, names in (
            ("objects", [one.name for one in self.objects]),
            ("lifecycle", [one.name for one in self.lifecycle]),
            ("systems", [one.holds for one in self.systems]),
        ):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                problems.append(
                    Problem(f"/{place}", "A name stands here twice", ", ".join(twice), "each once")
                )
        systems = {one.system for one in self.systems}
        problems += [
            Problem(
                f"/objects/{number}/system_of_record",
                "There is no such system",
                one.system_of_record,
                ", ".join(sorted(systems)),
            )
            for number, one in enumerate(self.objects)
            if one.system_of_record not in systems
        ]
        if problems:
            raise RuleError(problems)

    def lines(self) -> list[str]:
        """Return a line an object, a stage of the lifecycle, a system."""
        return [
            *(f"{one.name}: {one.definition}" for one in self.objects),
            "Lifecycle: " + " → ".join(one.name for one in self.lifecycle),
            *(f"{one.holds}: kept in {one.system}" for one in self.systems),
        ]


DOCUMENT = documents.register(
    PolicyDocument(
        key=KEY,
        title="Object definitions",
        body=Objects,
        default={"objects": OBJECTS, "lifecycle": LIFECYCLE, "systems": SYSTEMS},
        source="d1; addenda: lifecycle stages, system-of-record rows",
        help="What each kind of record is, from when until when, who owns it and which system has the last word.",
        unsimulated="Definitions change what people read, and no record.",
    )
)
