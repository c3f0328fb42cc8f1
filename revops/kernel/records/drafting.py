"""Records about to be written: what every app does with the values somebody gave before its own rules speak.

One draft or a thousand go through the same steps, so a form, the API and an import refuse the same things:
`read` the values, `link` the ids to records within scope, then the app's own checks. All of them add findings
to the drafts; a caller raises `Blocked` or tells them row by row.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from revops.kernel.audit import Blocked, Finding
from revops.kernel.identity.models import User
from revops.kernel.records import registry, values
from revops.kernel.records.registry import Field, RecordAction


@dataclass(slots=True)
class Draft:
    """A record to write, new or locked: the values given by field name, and what speaks against them.

    `derived` is the app's own: what it has worked out of the values on the way (an address in the form in which
    addresses are compared).
    """

    record: Any
    given: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)
    derived: dict[str, Any] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return bool(self.record._state.adding)

    def value(self, name: str) -> Any:
        """Return the value that the record will have after the write."""
        return self.given[name] if name in self.given else getattr(self.record, name)

    def refuse(self, code: str, message: str, name: str, *, found: object = "", needed: str = "") -> None:
        """Add a finding about the field `name`."""
        self.findings.append(Finding(code, message, field=name, found=values.shown(found), needed=needed))


def read(
    raw: Mapping[str, Any],
    record: Any,
    *,
    never_empty: Collection[str] = (),
    code: str = "VAL-004",
    clean: bool = False,
) -> Draft:
    """Read raw values for `record` by the declarations of its type; what does not fit becomes findings.

    An empty value of a field in `never_empty` means the default of a new record, and is refused on a stored one.
    `clean` values have been read by the declarations of their fields already: those of an import.
    """
    kind = registry.get(record._meta.label_lower)
    cleaned = values.Cleaned(dict(raw), []) if clean else values.clean(kind, raw)
    draft = Draft(record, cleaned.values, cleaned.findings)
    for name in sorted(set(never_empty) & draft.given.keys()):
        if draft.given[name] in ("", None):
            del draft.given[name]
            if not draft.is_new:
                label = kind.by_name[name].label
                message = f"{label} cannot be emptied. Choose another value."
                draft.refuse(code, message, name, needed="a value")
    return draft


def need(draft: Draft, names: Iterable[str], *, code: str) -> None:
    """Add a finding for each of the fields `names` that would be empty after the write."""
    kind = registry.get(draft.record._meta.label_lower)
    told = {finding.field for finding in draft.findings}
    for name in names:
        attname = kind.by_name[name].attname
        value = draft.given[name] if name in draft.given else getattr(draft.record, attname)
        if value in ("", None) and name not in told:
            label = kind.by_name[name].label
            draft.refuse(code, f"{label} is needed. Fill it in.", name, needed="a value")


def link(drafts: Sequence[Draft], links: Mapping[str, Any], by: User, *, code: str) -> None:
    """Replace the ids given for `links` (field → model) by their records, in one query a field.

    An id that does not exist and one outside `by`'s scope are refused in the same words (A10).
    """
    for name, model in links.items():
        wanted = {draft.given[name] for draft in drafts if isinstance(draft.given.get(name), int)}
        rows = model.objects.filter(pk__in=wanted) if wanted else model.objects.none()
        scoped = hasattr(rows, "visible_to")
        found = {row.pk: row for row in (rows.visible_to(by) if scoped else rows)} if wanted else {}
        for draft in drafts:
            pk = draft.given.get(name)
            if not isinstance(pk, int):
                continue
            draft.given[name] = found.get(pk)
            if draft.given[name] is None:
                what = model._meta.verbose_name
                draft.refuse(
                    code,
                    f"There is no {what} with the id {pk} that you can see. Choose another one.",
                    name,
                    found=pk,
                    needed="an id you can see",
                )


def put(draft: Draft, *, but: Collection[str] = ()) -> None:
    """Set the given values on the record, except the fields in `but`, which need a call of their own."""
    for name, value in draft.given.items():
        if name not in but:
            setattr(draft.record, name, value)


def answers(action: RecordAction, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Read what somebody entered into the form of `action`. Raises Blocked with every finding."""
    return entered(action.label, action.fields, raw)


def entered(label: str, fields: Sequence[Field], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Read what somebody entered into the form called `label`. Raises Blocked with every finding."""
    cleaned = values.read({one.name: one for one in fields}, raw, what=f"“{label}”")
    told = {finding.field for finding in cleaned.findings}
    missing = [
        Finding("VAL-003", f"{one.label} is needed. Fill it in.", field=one.name, needed="a value")
        for one in fields
        if one.required and raw.get(one.name) in (None, "") and one.name not in told
    ]
    if cleaned.findings or missing:
        raise Blocked([*cleaned.findings, *missing])
    return cleaned.values
