"""The glossary as a policy: each term with its definition, the words to avoid and who answers for it (addenda)."""

from pydantic import Field

from governance.policies.shipped_terms import TERMS
from revops.kernel.people.enums import Role
from revops.kernel.policies import documents
from revops.kernel.policies.documents import Body, Part, PolicyDocument
from revops.kernel.policies.rules.problems import Problem, RuleError

KEY = "governance.glossary"
_ROLES = "|".join(Role.values)


class Term(Part):
    """One word of the field as everybody here uses it."""

    term: str = Field(min_length=1, max_length=80, title="Term")
    definition: str = Field(min_length=10, max_length=1_000, title="Definition")
    avoid: tuple[str, ...] = Field(default=(), max_length=10, strict=False, title="Words to avoid")
    owner: str = Field(pattern=f"^({_ROLES})$", title="Owner")

    @property
    def answers(self) -> str:
        """Return who answers for it, in words."""
        return str(Role(self.owner).label)


class Glossary(Body):
    """Every term, each once."""

    terms: tuple[Term, ...] = Field(min_length=1, max_length=500, strict=False, title="Terms")

    def check(self) -> None:
        """Raise RuleError unless every term stands here once, and none is a word that another one says to avoid."""
        names, problems = [one.term.casefold() for one in self.terms], []
        if twice := sorted({name for name in names if names.count(name) > 1}):
            problems.append(Problem("/terms", "A term stands here twice", ", ".join(twice), "each term once"))
        for number, one in enumerate(self.terms):
            if both := sorted({word for word in one.avoid if word.casefold() in names}):
                problems.append(
                    Problem(
                        f"/terms/{number}/avoid", "A word to avoid is a term", ", ".join(both), "other words"
                    )
                )
        if problems:
            raise RuleError(problems)

    def lines(self) -> list[str]:
        """Return a line a term."""
        return [f"{one.term}: {one.definition}" for one in self.terms]


DOCUMENT = documents.register(
    PolicyDocument(
        key=KEY,
        title="Glossary",
        body=Glossary,
        default={
            "terms": [
                {"term": term, "definition": definition, "avoid": list(avoid), "owner": owner}
                for term, definition, avoid, owner in TERMS
            ]
        },
        source="addenda, Records, people, words: the glossary ships with at least these terms",
        help="The words of the field as everybody here uses them; changed by an approved request.",
        unsimulated="Words change what people read, and no record.",
    )
)
