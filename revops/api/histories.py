"""The versions of a record as the API shows them, and what a restore would bring back."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.request import Request

from revops.api import queries, representation
from revops.api.problems import BAD_QUERY, blocked
from revops.kernel.audit import Blocked, reading
from revops.kernel.audit.enums import Kind
from revops.kernel.audit.reading import Version
from revops.kernel.gates import machines
from revops.kernel.identity.models import User
from revops.kernel.people import access
from revops.kernel.records import listing
from revops.kernel.records.registry import FieldKind, RecordType

_KINDS = {
    Kind.CREATED: "created",
    Kind.CHANGED: "changed",
    Kind.ERASED: "erased",
    Kind.REMOVED: "removed",
}
_MAX_VERSION = 2**31 - 1


def page(record_type: RecordType, pk: int, request: Request) -> dict[str, Any]:
    """Return the versions of a visible record below `before`, newest first, with the fields one may read."""
    given = queries.single(request)
    if unknown := given.keys() - {"before", "limit"}:
        findings = [queries.wrong(name, given[name], "before or limit") for name in sorted(unknown)]
        raise blocked(Blocked(findings), BAD_QUERY)
    before = queries.whole("before", given.get("before"), default=_MAX_VERSION, most=_MAX_VERSION)
    limit = queries.whole("limit", given.get("limit"), default=50, most=listing.MAX_LIMIT)
    require_visible(record_type, pk, request.user)
    fields = representation.readable(record_type, request.user)
    found = reading.history((record_type.model, pk), fields=fields, before=before, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    here = f"{representation.address(request, record_type)}{pk}/history/"
    following = f"{here}?before={found[-1].version}&limit={limit}" if more else None
    return {"results": _shown(record_type, found, request.user), "next": following}


def require_visible(record_type: RecordType, pk: int, user: Any) -> None:
    """Raise ObjectDoesNotExist unless `user` sees the record."""
    if not record_type.model.objects.visible_to(user).filter(pk=pk).exists():
        raise ObjectDoesNotExist


def _shown(record_type: RecordType, versions: Collection[Version], user: Any) -> list[dict[str, Any]]:
    """Return each version with its changes, links and people by name; two queries and one a field of links."""
    changes = [change for version in versions for change in version.changes if not change.erased]
    rows = [{record_type.by_name[c.field].attname: value} for c in changes for value in (c.old, c.new)]
    links = [field for field in record_type.fields if field.kind is FieldKind.REFERENCE]
    titles = representation.titles_of(record_type, links, rows, user)
    people = {
        value
        for change in changes
        for value in (change.old, change.new)
        if value is not None and record_type.by_name[change.field].kind is FieldKind.PERSON
    }
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name")) if people else {}

    def value_of(name: str, value: Any, *, erased: bool) -> Any:
        field = record_type.by_name[name]
        if erased:
            return representation.plain(value)
        row = {field.attname: value, f"{name}__name": names.get(value) if people else None}
        return representation.getter(field)(row, titles)

    return [
        {
            "version": version.version,
            "kind": _KINDS[version.kind],
            "who": _person(version.who),
            "acting_for": _person(version.acting_for) if version.acting_for else None,
            "recorded_at": representation.instant(version.recorded_at),
            "occurred_at": representation.instant(version.occurred_at),
            "reason": version.reason,
            "source": str(version.source),
            "action": version.action,
            "changes": [
                {
                    "field": change.field,
                    "old": value_of(change.field, change.old, erased=change.erased),
                    "new": value_of(change.field, change.new, erased=change.erased),
                    "erased": change.erased,
                }
                for change in version.changes
            ],
        }
        for version in versions
    ]


def _person(user: User) -> dict[str, Any]:
    return {"id": user.pk, "name": str(user)}


def _brought_back(
    record_type: RecordType, record: Any, user: Any, possible: Collection[str]
) -> frozenset[str]:
    """Return the fields that a whole version brings back: not its state, which moves by itself or by its name."""
    guarded = machines.of(record_type.label)
    state = {guarded.field} if guarded is not None else set()
    return (access.editable(user, record) & set(possible)) - state


def values_to_restore(record_type: RecordType, pk: int, user: Any, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that bring `fields` (all one may edit, unless named) back to `to_version`.

    Raises Problem with findings for what does not fit, ObjectDoesNotExist for what is not visible.
    """
    possible = sorted(representation.readable(record_type, user))
    wanted, fields = body.get("to_version"), body.get("fields")
    findings = [
        queries.wrong(name, body[name], "to_version, fields, version, reason")
        for name in sorted(body.keys() - {"to_version", "fields"})
    ]
    if type(wanted) is not int or not 0 < wanted <= _MAX_VERSION:
        findings.append(queries.wrong("to_version", wanted, "the number of a version"))
    if fields is not None and (
        not isinstance(fields, list) or not all(isinstance(name, str) for name in fields)
    ):
        findings.append(queries.wrong("fields", fields, "a list of field names"))
    elif fields is not None:
        unknown = sorted(set(fields) - set(possible))
        findings += [queries.wrong("fields", name, "some of " + ", ".join(possible)) for name in unknown]
    if findings:
        raise blocked(Blocked(findings))
    record = record_type.model.objects.visible_to(user).filter(pk=pk).first()
    if record is None:
        raise ObjectDoesNotExist
    names = fields if fields is not None else sorted(_brought_back(record_type, record, user, possible))
    try:
        return reading.values_at(record, int(str(wanted)), names)
    except LookupError as error:
        finding = queries.wrong("to_version", wanted, f"an earlier version of this record: {error}")
        raise blocked(Blocked([finding])) from None
