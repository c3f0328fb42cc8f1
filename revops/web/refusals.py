"""One voice for every refusal: what a page, a fragment, a dialog or a toast shows of Blocked, Conflict, Forbidden."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from revops.kernel.audit import Blocked, Conflict, Finding
from revops.kernel.people.enums import Role


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal ready to be shown: a title that says what did not happen, and every reason.

    `fields` are those that have an input on the page, so that a reason can lead there.
    """

    title: str
    findings: tuple[Finding, ...]
    fields: frozenset[str] = frozenset()

    @property
    def warnings(self) -> str:
        """The criteria that only warn, as a form names them when somebody goes on knowingly."""
        return ",".join(one.criterion for one in self.findings if one.warning)

    @property
    def may_go_on(self) -> bool:
        """Whether nothing but warnings was said."""
        return bool(self.findings) and all(one.warning for one in self.findings)

    @property
    def by_field(self) -> Mapping[str, list[Finding]]:
        found: dict[str, list[Finding]] = {}
        for finding in self.findings:
            found.setdefault(finding.field, []).append(finding)
        return found


def of(
    error: Blocked | Conflict, title: str = "This was not saved", *, fields: Iterable[str] = ()
) -> Refusal:
    """Return what to show of `error`."""
    if isinstance(error, Conflict):
        return Refusal("Somebody else was faster", (Finding("AUD-409", str(error)),))
    return Refusal(title, error.findings, frozenset(fields))


def excusers(finding: Finding) -> str:
    """Return who may excuse this finding, in words."""
    names: Sequence[Any] = [Role(code).label if code in Role else code for code in finding.excusable_by]
    return ", ".join(names)
