"""Delegations: who decides in one's place, and in whose place one does."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries, representation
from revops.api.approvals.components import TAG, typed
from revops.api.schema.operation import documented, ref
from revops.api.views import ApiView, body_of, user_of
from revops.kernel.approvals.actions.delegating import end_delegation
from revops.kernel.approvals.models import Delegation
from revops.kernel.people import access
from revops.kernel.records.work.approvals import delegating


class Delegations(ApiView):
    """Who decides in one's place, and in whose place one does."""

    @documented(id="delegations_list", summary="List your delegations", response=ref("Delegations"), **TAG)
    def get(self, request: Request) -> Response:
        queries.none(request)
        return Response({"results": [_delegation(one.delegation, one.holds) for one in _entries(request)]})

    @documented(
        id="delegations_create",
        summary="Let somebody decide your approvals between two days",
        status=201,
        request=ref("DelegationCreate"),
        response=ref("Delegation"),
        **TAG,
    )
    def post(self, request: Request) -> Response:
        kinds = {"delegate": int, "active_from": str, "active_to": str, "reason": str}
        body = typed(body_of(request), kinds, ())
        made = delegating.delegate(
            by=user_of(request), values={name: str(held) for name, held in body.items()}
        )
        shown = next(one for one in _entries(request) if one.delegation.pk == made.pk)
        return Response(_delegation(made, shown.holds), 201)


class EndDelegation(ApiView):
    """Ending a delegation."""

    @documented(id="delegation_end", summary="End a delegation now", response=ref("Delegation"), **TAG)
    def post(self, request: Request, id: int) -> Response:
        typed(body_of(request), {}, ())
        return Response(_delegation(end_delegation(by=user_of(request), pk=id), False))


def _entries(request: Request) -> list[delegating.Entry]:
    if not access.rights(request.user, "approvals.delegation").sees_any:
        raise ObjectDoesNotExist
    return delegating.entries(user_of(request))


def _delegation(one: Delegation, holds: bool) -> dict[str, Any]:
    return {
        "id": one.pk,
        "delegator": {"id": one.delegator_id, "name": one.delegator.name},
        "delegate": {"id": one.delegate_id, "name": one.delegate.name},
        "active_from": representation.plain(one.active_from),
        "active_to": representation.plain(one.active_to),
        "reason": one.reason,
        "holds": holds,
    }
