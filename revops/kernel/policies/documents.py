"""Policy documents: what an app lets operations decide, with a typed body and a shipped default.

An app declares its documents in `policies.py` and registers them in `AppConfig.ready()`. The body of every version
is read by the same class: what it does not know is refused when it is stored and again when it is run.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from pydantic import BaseModel, ConfigDict, ValidationError

from revops.kernel.audit import Finding
from revops.kernel.policies.answers import Answer
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.rules.problems import Problem, RuleError, shown, step

if TYPE_CHECKING:
    from revops.kernel.policies.resolving import InForce

MAX_BODY = 200_000


class Part(BaseModel):
    """Base of the objects inside a body: unknown keys and values of another type are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Body(Part):
    """Base of the bodies of policy documents."""

    def check(self) -> None:
        """Parse the rules of the body. Raises RuleError with every problem."""

    def lines(self) -> list[str]:
        """Return the body in plain words, a line a decision."""
        return []

    def decide(
        self, question: Mapping[str, Any], values: Mapping[str, Any], now: datetime, policy: "InForce"
    ) -> Answer:
        """Answer a question about one record from its facts alone, so that a stored decision can be taken again.

        Raises TypeError where the document keeps no decisions, and for a fact that was not gathered.
        """
        raise TypeError(f"{type(self).__name__} keeps no decisions.")


@dataclass(frozen=True)
class Simulation:
    """How a document tells what another version would change on the records there are. Source: M2.

    `rows` gives every record that the policy speaks of, `outcome` what a version says about one of them, as text in
    SQL; `columns` names the ORM path of each scope key. `why` says for changed records what makes the difference, in a
    constant number of queries; `words` says an outcome in words.
    """

    record_type: str
    rows: Callable[[], QuerySet[Any]]
    outcome: Callable[["InForce", datetime], Combinable]
    columns: Mapping[str, str] = field(default_factory=dict)
    why: Callable[["InForce", "InForce", Sequence[int]], Mapping[int, str]] | None = None
    words: Callable[[str], str] = str


@dataclass(frozen=True)
class PolicyDocument:
    """One thing operations may decide: its key, what its body looks like, and what is shipped.

    `scopes` names the keys by which an installation may decide differently (segment, geo, product, pool); `source`
    says where the default comes from; `mode` is how hard the default insists. A document says by its `simulation` what
    a version would change on stored records, or in words (`unsimulated`) why it changes none. `applied` brings tables
    in line with a version, inside the change in which it begins to hold.
    """

    key: str
    title: str
    body: type[Body]
    default: Mapping[str, Any]
    source: str
    mode: Mode = Mode.ENFORCE
    scopes: tuple[str, ...] = ()
    help: str = ""
    simulation: Simulation | None = None
    unsimulated: str = ""
    applied: Callable[["InForce"], None] | None = None

    @property
    def domain(self) -> str:
        """Return the app that owns the document: the first word of its key."""
        return self.key.partition(".")[0]

    def read(self, raw: Any) -> Body:
        """Return a body of this document. Raises RuleError with every problem, each with its place."""
        try:
            if len(json.dumps(raw)) > MAX_BODY:
                raise RuleError(
                    [Problem("", "The body is too big", "more", f"{MAX_BODY} characters of JSON")]
                )
            body = self.body.model_validate(raw)
        except ValidationError as error:
            raise RuleError([_problem(one) for one in error.errors()[:50]]) from None
        except RuleError:
            raise
        except (TypeError, ValueError, RecursionError):
            raise RuleError([Problem("", "This is no JSON", shown(raw), "a body in JSON")]) from None
        body.check()
        return body

    def findings(self, raw: Any) -> list[Finding]:
        """Return what is wrong with a body."""
        try:
            self.read(raw)
        except RuleError as error:
            return error.findings("POL-001")
        return []


def _problem(error: Any) -> Problem:
    position = ""
    for name in error["loc"]:
        position = step(position, name)
    return Problem(position, "The body does not fit", shown(error.get("input")), error["msg"])


_documents: dict[str, PolicyDocument] = {}


def register(document: PolicyDocument) -> PolicyDocument:
    """Let operations decide by this document.

    Raises ValueError for a key that is taken, a default that is wrong, and a scope that its simulation cannot tell.
    """
    held = _documents.setdefault(document.key, document)
    if held is not document:
        raise ValueError(f"There is a policy document {document.key} already.")
    document.read(dict(document.default))
    if document.simulation is not None and set(document.simulation.columns) != set(document.scopes):
        raise ValueError(f"{document.key}: its simulation names a column for each of its scopes.")
    if document.applied is not None and document.scopes:
        raise ValueError(
            f"{document.key}: tables follow one version; a document with `applied` has no scopes."
        )
    return document


def get(key: str) -> PolicyDocument:
    """Return a policy document. Raises LookupError for a key nobody registered."""
    try:
        return _documents[key]
    except KeyError:
        raise LookupError(f"{key} is no policy: register its document in policies.py.") from None


def every() -> list[PolicyDocument]:
    """Return every policy document, by key."""
    return [_documents[key] for key in sorted(_documents)]
