"""What the API of deals has beyond the usual addresses: the transitions that stand open, and the way through them."""

from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from opportunities.actions import moving
from opportunities.actions.advancing import following
from opportunities.models import Opportunity
from opportunities.queries import gates
from revops.api import queries as asked
from revops.api import routes, versions
from revops.api.schema.operation import TEXT, YES_OR_NO, documented, many, nullable, ref, thing
from revops.api.views import body_of
from revops.api.viewsets import RecordViewSet
from revops.kernel.audit import Finding
from revops.kernel.gates import transitions
from revops.kernel.gates.transitions import Available
from revops.kernel.gates.weighing import Weighed
from revops.kernel.people import access

_CRITERION = thing(
    {
        "key": TEXT,
        "title": TEXT,
        "mode": TEXT,
        "outcome": TEXT,
        "met": YES_OR_NO,
        "excused_until": nullable(TEXT),
        "message": TEXT,
        "field": TEXT,
        "excusable_by": many(TEXT),
        "remedies": many(ref("DealRemedy")),
    }
)
_REMEDY = thing({"label": TEXT, "url": TEXT})
_LACK = thing({"message": TEXT, "field": TEXT, "needed": TEXT, "remedies": many(ref("DealRemedy"))})
_GATE = thing(
    {
        "to": nullable(TEXT),
        "passes": YES_OR_NO,
        "rule": TEXT,
        "criteria": many(ref("DealCriterion")),
        "lacking": many(ref("DealLack")),
    }
)
_TRANSITION = thing(
    {
        "name": TEXT,
        "label": TEXT,
        "to": TEXT,
        "passes": YES_OR_NO,
        "rule": TEXT,
        "criteria": many(ref("DealCriterion")),
    }
)
_ASKED = thing(
    {
        "to": TEXT,
        "reason_code": TEXT,
        "competitor": TEXT,
        "last_buyer_contact_on": TEXT,
        "acknowledge": many(TEXT),
    },
    required=[],
    additionalProperties=True,
)
_COMPONENTS = {
    "DealCriterion": _CRITERION,
    "DealTransition": _TRANSITION,
    "DealTransitions": thing({"results": many(ref("DealTransition"))}),
    "DealTransitionRun": _ASKED,
    "DealRemedy": _REMEDY,
    "DealLack": _LACK,
    "DealGate": _GATE,
}


class DealViewSet(RecordViewSet):
    """Serves deals, and their transitions."""

    @documented(
        id="opportunities_transitions",
        summary="Read the transitions that one may try with a deal, each with what its gates say",
        tag="Deals",
        response=ref("DealTransitions"),
        components=_COMPONENTS,
    )
    @action(detail=True, methods=["get"])
    def transitions(self, request: Request, id: int) -> Response:
        """Answer every transition that stands open to the asking person, weighed as of now."""
        asked.none(request)
        user: Any = request.user
        with access.remembered():
            found = transitions.available(_seen(request, id), user)
        return Response({"results": [_told(one) for one in found]})

    @documented(
        id="opportunities_gate",
        summary="Read what a deal lacks for its next stage, and what supplies it",
        tag="Deals",
        response=ref("DealGate"),
        components=_COMPONENTS,
        description=(
            "Every criterion of the gate before it, and what else stands in the way: an overdue next step, required "
            "fields. A closed deal has no next stage: `to` is null."
        ),
    )
    @action(detail=True, methods=["get"])
    def gate(self, request: Request, id: int) -> Response:
        """Answer what the next step of one deal is asked for, weighed as of now."""
        asked.none(request)
        with access.remembered():
            return Response(_gate(_seen(request, id)))

    @documented(
        id="opportunities_transition",
        summary="Bring a deal through a transition",
        tag="Deals",
        request=ref("DealTransitionRun"),
        response=ref("Deal"),
        components=_COMPONENTS,
        problems=(412, 428),
        etag=True,
        description=(
            "Past the same gates as every other way. `acknowledge` names the criteria whose warnings were seen; "
            "the same `Idempotency-Key` a second time moves nothing."
        ),
    )
    @action(detail=True, methods=["post"], url_path="transitions/<slug:name>")
    def transition(self, request: Request, id: int, name: str) -> Response:
        """Run one transition by its name, with what it asks for."""
        body = body_of(request)
        version, reason = versions.held(request, body), versions.reason(body)
        if isinstance(body.get("acknowledge"), list):
            body["acknowledge"] = ",".join(str(key)[:60] for key in body["acknowledge"][:200])
        deal, user = _seen(request, id), cast(Any, request.user)
        idem = str(request.headers.get("Idempotency-Key", ""))[:80]
        if name not in transitions.machine_of(deal).by_name:
            raise Http404
        with versions.explained(self.record_type, request, {}):
            moved = transitions.run(
                subject=deal,
                name=name,
                by=user,
                payload={**body, "reason": reason},
                expected_version=version,
                idem=idem,
            )
        return self.written(request, moved)


def _seen(request: Request, id: int) -> Opportunity:
    deal: Opportunity | None = Opportunity.objects.visible_to(request.user).filter(pk=id).first()
    if deal is None:
        raise ObjectDoesNotExist
    return deal


def _told(one: Available) -> dict[str, Any]:
    return {
        "name": one.transition.name,
        "label": one.transition.label,
        "to": one.to,
        "passes": one.passes,
        "rule": one.weighing.policy.ref,
        "criteria": [_criterion(each) for each in one.weighing.weighed],
    }


def _gate(deal: Opportunity) -> dict[str, Any]:
    to = following(deal.stage)
    if to is None:
        return {"to": None, "passes": False, "rule": "", "criteria": [], "lacking": []}
    gates.ahead(deal, None)
    found, lacking = gates.weighed(deal, to), [*moving.overdue(deal), *moving.lacking(deal, to)]
    return {
        "to": str(to),
        "passes": not (found.broken or found.standing or lacking),
        "rule": found.policy.ref,
        "criteria": [_criterion(one) for one in found.weighed],
        "lacking": [_lack(one) for one in [*found.broken, *lacking]],
    }


def _lack(one: Finding) -> dict[str, Any]:
    field = one.field.removeprefix("opportunity.")
    return {"message": one.message, "field": field, "needed": one.needed, "remedies": _remedies(one)}


def _remedies(one: Finding) -> list[dict[str, str]]:
    return [{"label": way.label, "url": way.url} for way in one.remedies]


def _criterion(one: Weighed) -> dict[str, Any]:
    return {
        "key": one.parsed.key,
        "title": one.parsed.criterion.title,
        "mode": str(one.insists),
        "outcome": str(one.verdict.outcome),
        "met": one.met,
        "excused_until": one.excuse.expires_at.isoformat() if one.excuse is not None else None,
        "message": "" if one.met else one.finding.message,
        "field": one.finding.field,
        "excusable_by": list(one.finding.excusable_by),
        "remedies": [] if one.met else _remedies(one.finding),
    }


routes.register("opportunities.opportunity", DealViewSet)
