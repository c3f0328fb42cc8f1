"""Templates of packets: policy documents whose body is a form. An app declares its own in `policies.py`. Source: M8.

deal_desk = templates.document(key="opportunities.deal_desk_request", title="Deal desk request", record_type=…,
    accepted_by=("DEAL_DESK",), fields=({"key": "why", "type": "long_text", "label": "Why", "required": True}, …), …)
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from pydantic import Field

from revops.kernel.packets.enums import EvidenceKind
from revops.kernel.people.enums import Role
from revops.kernel.policies import documents, facts, rules
from revops.kernel.policies.bodies import RuleBody
from revops.kernel.policies.documents import Part, PolicyDocument
from revops.kernel.policies.facts import Fact, FactSchema
from revops.kernel.policies.kinds import FactKind
from revops.kernel.policies.rules import Rule
from revops.kernel.policies.rules.parsing import allowed
from revops.kernel.policies.rules.problems import Problems
from revops.kernel.sla.documents import of_type

# What a field of a form may be, and as which kind of fact rules see it.
TYPES: Mapping[str, FactKind] = {
    "text": FactKind.TEXT,
    "long_text": FactKind.TEXT,
    "choice": FactKind.CHOICE,
    "integer": FactKind.INTEGER,
    "percent": FactKind.DECIMAL,
    "money": FactKind.MONEY,
    "date": FactKind.DATE,
    "boolean": FactKind.BOOLEAN,
}
PREFIX = "packet."


class Choice(Part):
    """One answer of a field of choices, or one reason to send a packet back."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    label: str = Field(min_length=1, max_length=120)


class TemplateField(Part):
    """One question of a form.

    It must be answered when it is `required`, or where `required_when` (about the record, or about other answers as
    `packet.<key>`) is not false. One with `source_path` is not typed: it shows that fact of the record, live until the
    packet is submitted, copied then. `evidence_kind` says how an answer must be open to being looked up.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    type: str = Field(default="text", pattern=f"^({'|'.join(TYPES)})$")
    label: str = Field(min_length=1, max_length=120)
    help: str = Field(default="", max_length=500)
    choices: tuple[Choice, ...] = Field(default=(), max_length=100, strict=False)
    required: bool = False
    required_when: dict[str, Any] | None = None
    evidence_kind: str = Field(default="", pattern=f"^({'|'.join(EvidenceKind.values)})$")
    source_path: str = Field(default="", max_length=200)


class TemplateBody(RuleBody):
    """A form: its fields, who accepts what was filled in, why it may be sent back, and how long each side has.

    With `named_receiver` a person decides who is chosen before it is submitted; without, anybody who holds one of the
    roles. `accept_sla` and `return_sla` name the policies of the clocks that run while the receiver, or the sender,
    has it.
    """

    fields: tuple[TemplateField, ...] = Field(min_length=1, max_length=60, strict=False)
    accepted_by: tuple[str, ...] = Field(min_length=1, max_length=10, strict=False)
    return_reasons: tuple[Choice, ...] = Field(min_length=1, max_length=40, strict=False)
    named_receiver: bool = False
    accept_sla: str = Field(default="", max_length=80)
    return_sla: str = Field(default="", max_length=80)

    @cached_property
    def by_key(self) -> dict[str, TemplateField]:
        """Return the fields by their keys."""
        return {one.key: one for one in self.fields}

    @property
    def typed(self) -> list[TemplateField]:
        """Return the fields that somebody fills in."""
        return [one for one in self.fields if not one.source_path]

    @property
    def sourced(self) -> list[TemplateField]:
        """Return the fields that show a fact of the record."""
        return [one for one in self.fields if one.source_path]

    @property
    def about(self) -> FactSchema:
        """Return the facts of the record that the packet is about."""
        return facts.get(self.record_type)

    @cached_property
    def vocabulary(self) -> FactSchema:
        """Return what conditions may ask: facts of the record, and the answers of the form as `packet.<key>`."""
        answers = tuple(_fact(one) for one in self.typed if TYPES[one.type] != FactKind.CHOICE or one.choices)
        return FactSchema(self.record_type, (*self.about.facts, *answers), self.about.collections)

    @cached_property
    def conditions(self) -> dict[str, Rule]:
        """Return the parsed condition of every field that is needed only at times. Raises RuleError."""
        problems = Problems()
        found = self._conditions(problems)
        problems.raise_any()
        return found

    def _conditions(self, problems: Problems) -> dict[str, Rule]:
        found = {}
        for number, one in enumerate(self.fields):
            if one.required_when is not None:
                rule = self.try_rule(one.required_when, f"/fields/{number}/required_when", problems)
                if rule is not None:
                    found[one.key] = rule
        return found

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Return the facts of the record that the form reads: those it shows, and those its conditions ask for."""
        shown = [one.source_path for one in self.sourced]
        asked = [
            path for rule in self.conditions.values() for path in rule.paths if not path.startswith(PREFIX)
        ]
        return tuple(dict.fromkeys([*shown, *asked]))

    def check(self) -> None:
        """Raise RuleError with every problem: keys, choices, roles, facts that do not exist, conditions."""
        problems = Problems()
        self._check_fields(problems)
        for number, role in enumerate(self.accepted_by):
            if role not in Role.values:
                problems.add(f"/accepted_by/{number}", "There is no such role", role, ", ".join(Role.values))
        for name, codes in (("fields", [one.key for one in self.fields]), ("return_reasons", self._reasons)):
            if twice := sorted({code for code in codes if codes.count(code) > 1}):
                problems.add(f"/{name}", "Each stands here once", ", ".join(twice), "different keys")
        for name in ("accept_sla", "return_sla"):
            key = getattr(self, name)
            if key and key not in clocks_of_packets():
                needed = ", ".join(clocks_of_packets()) or "none"
                problems.add(f"/{name}", "There is no such clock of packets", key, needed)
        if not problems.found:
            self.check_named(problems)
            self._conditions(problems)
        problems.raise_any()

    @property
    def _reasons(self) -> list[str]:
        return [one.code for one in self.return_reasons]

    def _check_fields(self, problems: Problems) -> None:
        known = self.about.by_path
        for number, one in enumerate(self.fields):
            at = f"/fields/{number}"
            if (one.type == "choice") is not bool(one.choices):
                problems.add(
                    f"{at}/choices", "A choice names its choices, nothing else does", one.key, "choices"
                )
            if one.source_path and one.source_path not in known:
                problems.add(
                    f"{at}/source_path",
                    "There is no such fact",
                    one.source_path,
                    allowed(one.source_path, known),
                )
            if one.evidence_kind and one.type != "text":
                problems.add(f"{at}/evidence_kind", "Evidence is named in a text", one.type, "text")
            if one.source_path and (one.required_when or one.evidence_kind):
                problems.add(at, "What is read from the record has no condition of its own", one.key, "none")

    def lines(self) -> list[str]:
        """Return a line a field, who accepts it, and the reasons to send it back."""
        return [
            *(f"{one.label}: {self._needed(one)}" for one in self.fields),
            f"Accepted by {', '.join(Role(code).label for code in self.accepted_by)}",
            *(f"Sent back because: {one.label}" for one in self.return_reasons),
        ]

    def _needed(self, one: TemplateField) -> str:
        if one.source_path:
            return f"read from the record ({one.source_path})"
        if one.required:
            return "needed"
        condition = self.conditions.get(one.key)
        return f"needed when {rules.describe(condition.root)}" if condition else "may be left empty"


def clocks_of_packets() -> list[str]:
    """Return the keys of the clocks that run for packets."""
    return [one.key for one in of_type("packets.packet")]


def _fact(one: TemplateField) -> Fact:
    choices = tuple((choice.code, choice.label) for choice in one.choices)
    return Fact(PREFIX + one.key, one.label, TYPES[one.type], choices=choices)


def document(
    *,
    key: str,
    title: str,
    record_type: str,
    fields: Sequence[Mapping[str, Any]],
    accepted_by: Sequence[str],
    return_reasons: Mapping[str, str],
    source: str,
    accept_sla: str = "",
    return_sla: str = "",
    named_receiver: bool = False,
    help: str = "",
) -> PolicyDocument:
    """Declare and register a template of packets about records of one type, with the shipped form.

    `return_reasons` are codes with their words. Raises ValueError for a key that is taken, RuleError for a form that
    does not fit.
    """
    body = type("TemplateOfType", (TemplateBody,), {"__module__": __name__, "record_type": record_type})
    default: dict[str, Any] = {
        "fields": [dict(one) for one in fields],
        "accepted_by": list(accepted_by),
        "return_reasons": [{"code": code, "label": label} for code, label in return_reasons.items()],
        "named_receiver": named_receiver,
        "accept_sla": accept_sla,
        "return_sla": return_sla,
    }
    return documents.register(
        PolicyDocument(
            key=key,
            title=title,
            body=body,
            default=default,
            source=source,
            help=help,
            unsimulated="Packets keep the form they were opened with; a new one holds for those opened after it.",
        )
    )


def every(record_type: str = "") -> list[PolicyDocument]:
    """Return every template, or those of packets about records of one type."""
    found = [one for one in documents.every() if issubclass(one.body, TemplateBody)]
    return [one for one in found if not record_type or about(one) == record_type]


def about(template: PolicyDocument) -> str:
    """Return the record type that packets of a template are about."""
    return str(template.body.record_type)  # type: ignore[attr-defined]


def read(template: str, form: Mapping[str, Any]) -> TemplateBody:
    """Return the form a packet was opened with. Raises RuleError for one that today's schema refuses."""
    body = documents.get(template).read(dict(form))
    if not isinstance(body, TemplateBody):
        raise TypeError(f"{template} is no template of packets.")
    return body
