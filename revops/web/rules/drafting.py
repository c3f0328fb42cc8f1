"""A draft while it is written: what its form holds, what is wrong with it, and the parts that draw it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from revops.kernel.audit import Finding
from revops.kernel.policies import describing
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.rules import Problem, RuleError
from revops.web.inputs import Input
from revops.web.rules import conditions, filled, parts, vocabulary
from revops.web.rules.parts import Part
from revops.web.rules.told import Told

SCOPE = "scope-"


@dataclass
class Draft:
    """What the form of a draft holds. `edits` is the draft that is written over, None for the next version."""

    document: PolicyDocument
    body: Any
    mode: str
    source: str = ""
    scope: dict[str, str] = field(default_factory=dict)
    migrate: bool = False
    edits: Told | None = None
    version: int = 0
    problems: list[Problem] = field(default_factory=list)

    def check(self) -> None:
        """Note what the schema has against the body, beside what could not be read of it."""
        known = {problem.position for problem in self.problems}
        try:
            self.document.read(self.body)
        except RuleError as error:
            self.problems += [one for one in error.problems if one.position not in known]


def begun(document: PolicyDocument, basis: Told, *, edits: bool) -> Draft:
    """Return a draft that begins as a version says it."""
    scope = dict(pair.split("=", 1) for pair in basis.scope_key.split("&")) if basis.scope_key else {}
    mode = next((str(one.value) for one in Mode if one.label == basis.mode.text), document.mode.value)
    return Draft(
        document,
        basis.raw,
        mode,
        source=basis.source if edits else "",
        scope=scope,
        migrate=basis.migrate,
        edits=basis if edits else None,
        version=basis.version,
    )


def sent(document: PolicyDocument, data: QueryDict, zone: ZoneInfo, edits: Told | None) -> Draft:
    """Return the draft that a form holds; what of it could not be read stands in `problems`."""
    reader = filled.Reader(data, conditions.rows(document, zone))
    body = reader.body(parts.body_shape(document))
    scope = {name: str(data.get(f"{SCOPE}{name}", "")).strip() for name in document.scopes}
    version = data.get("version", "")
    return Draft(
        document,
        body,
        str(data.get("mode", "")),
        source=str(data.get("source_note", "")).strip(),
        scope={name: value for name, value in scope.items() if value},
        migrate=data.getlist("migrate")[-1:] == ["true"],
        edits=edits,
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
        problems=reader.problems,
    )


def laid(draft: Draft, user: Any, zone: ZoneInfo, *, opened: str = "") -> tuple[Part, list[str]]:
    """Return the parts of the form with what is said against each, and what has no place; `opened` is open."""
    schema = describing.vocabulary(draft.document)
    builder = parts.Builder(draft.document, vocabulary.of(schema) if schema else None)
    root = builder.part(parts.body_shape(draft.document), draft.body)
    rest = parts.lay(root, draft.problems)
    for one in root.every():
        if one.kind == "condition" and one.problems:
            how = "rows" if isinstance(one.value, dict) else "json"
            one.editor = conditions.editor(draft.document, one, user, zone, how, draft.problems)
        if opened and (f"{opened}/".startswith(f"{one.name}/")):
            one.opened = True
    return root, rest


def inputs(draft: Draft, findings: Sequence[Finding] = ()) -> list[Input]:
    """Return the inputs around the body: for which records, how hard it insists, where it comes from."""
    said: dict[str, list[Finding]] = {}
    for one in findings:
        said.setdefault(one.field, []).append(one)
    scopes = [
        Input(
            f"{SCOPE}{name}",
            f"Only for {name.replace('_', ' ')}",
            "select" if (choices := _choices(draft.document, name)) else "text",
            draft.scope.get(name, ""),
            help="Leave it empty for everything that no narrower version is for.",
            options=choices,
            findings=said.get("scope", ()) if draft.scope.get(name) else (),
        )
        for name in draft.document.scopes
        if draft.edits is None
    ]
    modes = [(str(one.value), str(one.label)) for one in Mode]
    return [
        *scopes,
        Input(
            "mode",
            "How hard it insists",
            "select",
            draft.mode,
            required=True,
            options=modes,
            help="Observe counts, warn tells, enforce refuses.",
            findings=said.get("mode", ()),
        ),
        Input(
            "source_note",
            "Where this comes from",
            "text",
            draft.source,
            required=True,
            help="A decision, a contract, a measurement: whoever reads the rule later asks for it.",
            findings=said.get("source_note", ()),
        ),
        Input(
            "migrate",
            "Also for what is under way",
            "checkbox",
            "true" if draft.migrate else "false",
            help="Otherwise clocks, approvals and deals in flight keep the version that they began with.",
        ),
    ]


def _choices(document: PolicyDocument, name: str) -> Sequence[tuple[str, str]]:
    """Return what a scope may be, where a fact of that name says so."""
    schema = describing.vocabulary(document)
    facts = schema.facts if schema else ()
    return next(
        (tuple(one.choices) for one in facts if one.path.rpartition(".")[2] == name and one.choices), ()
    )
