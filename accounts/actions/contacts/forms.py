"""The special actions of a contact as the shells offer them: what they ask for, and the call they make."""

from collections.abc import Mapping
from typing import Any

from accounts.actions.assigning import back
from accounts.actions.contacts import addresses, editing, many, numbers
from accounts.actions.forms import holder_of
from accounts.enums import EmailKind, PhoneKind
from accounts.models import Contact
from revops.kernel.identity.models import User
from revops.kernel.people.enums import OwnerRole
from revops.kernel.records import drafting
from revops.kernel.records.registry import Field, FieldKind, RecordAction


def _assign(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Contact:
    given = drafting.answers(ASSIGN, values)
    role = given.get("role") or OwnerRole.PRIMARY
    return editing.assign_contact(by=by, pk=pk, **holder_of(given), role=role, reason=reason, version=version)


def _leave(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Contact:
    return editing.mark_as_left(by=by, pk=pk, version=version, reason=reason)


def _add_email(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Contact:
    given = drafting.answers(ADD_EMAIL, values)
    return addresses.add_email(
        by=by,
        pk=pk,
        email=given["email"],
        kind=given.get("kind") or EmailKind.WORK,
        primary=bool(given.get("primary")),
        version=version,
        reason=reason,
    ).contact


def _release_email(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Contact:
    email = drafting.answers(RELEASE_EMAIL, values)["email"]
    return addresses.release_email(by=by, pk=pk, email=email, version=version, reason=reason)


def _prefer_email(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Contact:
    email = drafting.answers(PREFER_EMAIL, values)["email"]
    return addresses.make_email_primary(by=by, pk=pk, email=email, version=version, reason=reason)


def _add_phone(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Contact:
    given = drafting.answers(ADD_PHONE, values)
    kind = given.get("kind") or PhoneKind.WORK
    return numbers.add_phone(
        by=by, pk=pk, phone=given["phone"], kind=kind, version=version, reason=reason
    ).contact


def _release_phone(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Contact:
    phone = drafting.answers(RELEASE_PHONE, values)["phone"]
    return numbers.release_phone(by=by, pk=pk, phone=phone, version=version, reason=reason)


def _prefer_phone(
    *, by: User, pk: int, values: Mapping[str, Any], version: int | None = None, reason: str = ""
) -> Contact:
    phone = drafting.answers(PREFER_PHONE, values)["phone"]
    return numbers.make_phone_primary(by=by, pk=pk, phone=phone, version=version, reason=reason)


ASSIGN: RecordAction = RecordAction(
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
    many=many.assigning_many(lambda values: holder_of(drafting.answers(ASSIGN, values))),
    back=back,
    icon="user-check",
    help="Say why in at least 20 characters. With nobody chosen, the contact goes back to its account's owner.",
)
ADD_EMAIL = RecordAction(
    "add_email",
    "Add an e-mail address",
    (
        Field("email", "E-mail", required=True, help="It may belong to one contact only."),
        Field(
            "kind", "Kind", FieldKind.CHOICE, choices=EmailKind.choices, help="Work, if nothing is chosen."
        ),
        Field("primary", "Write to this one", FieldKind.BOOLEAN),
    ),
    _add_email,
    icon="mail-plus",
    right="emails",
)
RELEASE_EMAIL = RecordAction(
    "release_email",
    "Release an e-mail address",
    (Field("email", "E-mail", required=True, help="Another contact may have it afterwards."),),
    _release_email,
    icon="mail-off",
    right="emails",
)
PREFER_EMAIL = RecordAction(
    "prefer_email",
    "Choose the e-mail address to write to",
    (Field("email", "E-mail", required=True, help="One that the contact has."),),
    _prefer_email,
    icon="mail-star",
    right="emails",
)
ADD_PHONE = RecordAction(
    "add_phone",
    "Add a phone number",
    (
        Field("phone", "Phone", required=True, help="With its country code, or as it is dialled there."),
        Field(
            "kind",
            "Kind",
            FieldKind.CHOICE,
            choices=PhoneKind.choices,
            help="A personal number is shown to the owner's team alone.",
        ),
    ),
    _add_phone,
    icon="phone-plus",
    right="phones",
)
RELEASE_PHONE = RecordAction(
    "release_phone",
    "Release a phone number",
    (Field("phone", "Phone", required=True, help="One that the contact has."),),
    _release_phone,
    icon="phone-off",
    right="phones",
)
PREFER_PHONE = RecordAction(
    "prefer_phone",
    "Choose the phone number to call",
    (Field("phone", "Phone", required=True, help="One that the contact has and that is not personal."),),
    _prefer_phone,
    icon="phone-check",
    right="phones",
)
LEAVE = RecordAction(
    "leave",
    "Mark as left",
    (),
    _leave,
    in_bulk=True,
    icon="door-exit",
    help="The person no longer works at this account. Addresses and history stay.",
)
ACTIONS = (
    ADD_EMAIL,
    ADD_PHONE,
    PREFER_EMAIL,
    PREFER_PHONE,
    RELEASE_EMAIL,
    RELEASE_PHONE,
    LEAVE,
    ASSIGN,
)
