"""The special actions of an account as the shells offer them: what they ask for, and the call they make."""

from collections.abc import Mapping
from typing import Any

from accounts.actions.assigning import back
from accounts.actions.domains import add_domain, release_domain
from accounts.actions.editing import assign_account
from accounts.enums import DomainKind
from accounts.models import Account
from revops.kernel import audit
from revops.kernel.audit import Finding
from revops.kernel.identity.models import User
from revops.kernel.people.enums import OwnerRole
from revops.kernel.people.models import Queue
from revops.kernel.records import values as reading
from revops.kernel.records.registry import Field, FieldKind, RecordAction


def _read(action: RecordAction, values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = reading.read({field.name: field for field in action.fields}, values, what=f"“{action.label}”")
    findings = cleaned.findings + [
        Finding("VAL-003", f"{field.label} is needed.", field=field.name, needed="a value")
        for field in action.fields
        if field.required and not values.get(field.name)
    ]
    if findings:
        raise audit.Blocked(findings)
    return cleaned.values


def _found(model: Any, pk: int | None, name: str) -> Any:
    if pk is None:
        return None
    found = model.objects.filter(pk=pk).first()
    if found is None:
        message = f"There is no {model._meta.verbose_name} with the id {pk}."
        raise audit.Blocked.because("ACC-008", message, field=name, found=str(pk), needed="an id that exists")
    return found


def holder_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the person and queue that the answers to “Assign” name. Raises Blocked for one that does not exist."""
    return {
        "owner": _found(User, given.get("owner"), "owner"),
        "queue": _found(Queue, given.get("queue"), "queue"),
    }


def _assign(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Account:
    given = _read(ASSIGN, values)
    return assign_account(
        by=by,
        pk=pk,
        **holder_of(given),
        role=given.get("role") or OwnerRole.PRIMARY,
        reason=reason,
        version=version,
    )


def _add_domain(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Account:
    given = _read(ADD_DOMAIN, values)
    kind = given.get("kind") or DomainKind.ALIAS
    return add_domain(by=by, pk=pk, domain=given["domain"], kind=kind, version=version, reason=reason).account


def _release_domain(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Account:
    given = _read(RELEASE_DOMAIN, values)
    release_domain(by=by, pk=pk, domain=given["domain"], version=version, reason=reason)
    return Account.objects.get(pk=pk)


ASSIGN = RecordAction(
    "assign",
    "Assign",
    (
        Field("owner", "To a person", FieldKind.PERSON, reference="identity.user"),
        Field("queue", "Or to a queue", FieldKind.REFERENCE, reference="people.queue"),
        Field(
            "role",
            "In the role",
            FieldKind.CHOICE,
            choices=OwnerRole.choices,
            help="Owner, if nothing is chosen.",
        ),
    ),
    _assign,
    in_bulk=True,
    back=back,
    icon="user-check",
    help="Accounts below that follow this one's owner follow. Say why in at least 20 characters.",
)
ADD_DOMAIN = RecordAction(
    "add_domain",
    "Add a domain",
    (
        Field(
            "domain", "Domain", required=True, help="The company's own internet domain, such as example.com."
        ),
        Field(
            "kind", "Kind", FieldKind.CHOICE, choices=DomainKind.choices, help="Alias, if nothing is chosen."
        ),
    ),
    _add_domain,
    icon="world",
    right="domains",
)
RELEASE_DOMAIN = RecordAction(
    "release_domain",
    "Release a domain",
    (Field("domain", "Domain", required=True, help="Another account may have it afterwards."),),
    _release_domain,
    icon="world-off",
    right="domains",
)
ACTIONS = (ASSIGN, ADD_DOMAIN, RELEASE_DOMAIN)
