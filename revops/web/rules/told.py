"""One version of a rule as the pages tell it: its state, since when, on whose authority, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.apps import apps
from django.urls import reverse

from revops.kernel.policies import documents, resolving
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.enums import Mode, Status
from revops.kernel.policies.models import PolicyVersion
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import RuleError

SHIPPED = 0
_MODES = {
    Mode.OBSERVE: ("eye", ""),
    Mode.WARN: ("alert-triangle", "amber"),
    Mode.ENFORCE: ("shield-check", "violet"),
}
_MEANS = {
    Mode.OBSERVE: "It is counted, and nobody is told or stopped.",
    Mode.WARN: "Whoever it concerns is told, and may go on.",
    Mode.ENFORCE: "It refuses, and says why and who may excuse it.",
}


@dataclass(frozen=True, slots=True)
class Pill:
    """A word about a state, with the icon and the tone that go with it."""

    text: str
    icon: str = ""
    tone: str = ""
    means: str = ""


def mode(held: str) -> Pill:
    """Return how hard a rule insists, as a pill."""
    one = Mode(held)
    icon, tone = _MODES[one]
    return Pill(one.label, icon, tone, _MEANS[one])


def scope(held: Mapping[str, Any]) -> str:
    """Return in words which records a version is for."""
    if not held:
        return "Everything else"
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in sorted(held.items()))


def state(version: PolicyVersion, now: datetime) -> Pill:
    """Return what has become of a version at `now`."""
    begins, ends = version.effective_from, version.effective_to
    if version.status == Status.DRAFT:
        return Pill("Draft", "pencil", "blue")
    if version.status == Status.APPROVED:
        return Pill("Approved", "rubber-stamp", "amber", "It goes live when its request for change says so.")
    if version.status == Status.RETIRED:
        return Pill("Ended", "archive") if begins is not None else Pill("Dropped", "archive")
    if begins is not None and begins > now:
        return Pill("Planned", "calendar-time", "amber")
    if ends is not None and ends <= now:
        return Pill("Ended", "archive")
    return Pill("In force", "check", "green")


@dataclass(frozen=True)
class Told:
    """One version, or (as version 0) the default that the program ships."""

    document: PolicyDocument
    n: int
    raw: Any
    mode: Pill
    state: Pill
    scope: str = ""
    scope_key: str = ""
    pk: int = SHIPPED
    status: str = ""
    version: int = 0
    begins: datetime | None = None
    ends: datetime | None = None
    authority: str = ""
    source: str = ""
    migrate: bool = False
    made_at: datetime | None = None
    held: InForce | None = None

    @property
    def name(self) -> str:
        return f"Version {self.n}" if self.n else "Shipped default"

    @property
    def url(self) -> str:
        return version_url(self.pk) if self.pk else rule_url(self.document.key)

    @property
    def is_draft(self) -> bool:
        return self.status in (Status.DRAFT, Status.APPROVED)

    @cached_property
    def _read(self) -> tuple[list[str], list[str]]:
        try:
            body = self.held.body if self.held is not None else self.document.read(self.raw)
            return body.lines(), []
        except RuleError as error:
            return [], [str(problem) for problem in error.problems]

    @property
    def lines(self) -> list[str]:
        """The version in plain words; none where today's schema refuses it."""
        return self._read[0]

    @property
    def broken(self) -> list[str]:
        """What today's schema has against a version: such a version does not run."""
        return self._read[1]


def version(one: PolicyVersion, now: datetime, held: InForce | None = None) -> Told:
    """Return a stored version as the pages tell it, `held` if it is in force: its body is read already.

    Its policy must be in hand. Raises LookupError for a key that nobody registers any more.
    """
    return Told(
        document=documents.get(one.policy.key),
        n=one.n,
        raw=one.body,
        mode=mode(one.mode),
        state=state(one, now),
        scope=scope(one.policy.scope),
        scope_key=one.policy.scope_key,
        pk=one.pk,
        status=one.status,
        version=one.version,
        begins=one.effective_from,
        ends=one.effective_to,
        authority=one.authority,
        source=one.source_note,
        migrate=one.migrate,
        made_at=one.created_at,
        held=held,
    )


def shipped(document: PolicyDocument, *, in_force: bool) -> Told:
    """Return the default that the program ships; it decides while no version is in force."""
    held = Pill("In force", "check", "green") if in_force else Pill("Shipped", "package")
    return Told(
        document=document,
        n=SHIPPED,
        raw=dict(document.default),
        mode=mode(document.mode),
        state=held,
        scope=scope({}),
        authority="shipped default",
        source=document.source,
        held=resolving.shipped(document),
    )


def rule_url(key: str) -> str:
    """Return the address of a rule's page."""
    return reverse("rule", args=[key])


def version_url(pk: int) -> str:
    """Return the address of a version's page."""
    return reverse("rule-version", args=[pk])


def domain(key: str) -> str:
    """Return the name of the domain that a key belongs to."""
    name = key.partition(".")[0]
    try:
        return str(apps.get_app_config(name).verbose_name)
    except LookupError:
        return name.replace("_", " ").capitalize()


def record_type(document: PolicyDocument) -> str:
    """Return the record type that a document decides about, or nothing where it names none."""
    of_simulation = getattr(getattr(document, "simulation", None), "record_type", "")
    return str(getattr(document.body, "record_type", "") or of_simulation or "")
