"""What the API of this app has beyond the usual addresses: how a contact is reached."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Contact
from accounts.queries import contact as queries
from revops.api import queries as asked
from revops.api import routes
from revops.api.schema.operation import TEXT, YES_OR_NO, documented, many, ref, thing
from revops.api.viewsets import RecordViewSet

_EMAIL = thing({"email": TEXT, "kind": TEXT, "is_primary": YES_OR_NO})
_PHONE = thing({"phone": TEXT, "kind": TEXT, "is_primary": YES_OR_NO})
_REACH = {
    "ContactEmail": _EMAIL,
    "ContactPhone": _PHONE,
    "ContactReach": thing({"emails": many(ref("ContactEmail")), "phones": many(ref("ContactPhone"))}),
}


class ContactViewSet(RecordViewSet):
    """Serves contacts, and how each of them is reached."""

    @documented(
        id="contacts_reach",
        summary="Read the addresses and numbers of one contact",
        tag="Contacts",
        response=ref("ContactReach"),
        components=_REACH,
        description="Personal numbers are there for the owner's team, PRIVACY and AUDITOR alone.",
    )
    @action(detail=True, methods=["get"])
    def reach(self, request: Request, id: int) -> Response:
        """Answer the active addresses and numbers of a contact, the main ones first."""
        asked.none(request)
        contact = Contact.objects.visible_to(request.user).filter(pk=id).first()
        if contact is None:
            raise ObjectDoesNotExist
        found = queries.reach(contact, request.user)
        body: dict[str, Any] = {
            "emails": [
                {"email": one.address, "kind": one.kind, "is_primary": one.is_primary} for one in found.emails
            ],
            "phones": [
                {"phone": one.number, "kind": one.kind, "is_primary": one.is_primary} for one in found.phones
            ],
        }
        return Response(body)


routes.register("accounts.contact", ContactViewSet)
