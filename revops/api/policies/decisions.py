"""What rules decided about records that one sees, and the same decided again."""

from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries
from revops.api.policies import representation
from revops.api.policies.documents import TAG
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import NUMBER, TEXT, documented, in_query, ref
from revops.api.views import ApiView, body_of, user_of
from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.policies import decisions
from revops.kernel.policies.models import Decision
from revops.kernel.records import decided, registry

PAGE = 50
_NAMES = ("policy", "record_type", "id", "outcome", "before")


class Decisions(ApiView):
    """The decisions about records that one sees."""

    @documented(
        id="policy_decisions_list",
        summary="List what rules decided about records that you see, the newest first",
        response=ref("PolicyDecisions"),
        parameters=[
            in_query("policy", TEXT, "Only decisions by this rule."),
            in_query("record_type", TEXT, "The list of the record, such as opportunities; with `id`."),
            in_query("id", NUMBER, "Only decisions about this record of the list."),
            in_query("outcome", TEXT, "Only those that came out so."),
            in_query("before", NUMBER, "Only those older than this decision."),
        ],
        **TAG,
    )
    def get(self, request: Request) -> Response:
        given = queries.single(request)
        findings = [
            queries.wrong(name, text, ", ".join(_NAMES)) for name, text in given.items() if name not in _NAMES
        ]
        if ("id" in given) is not ("record_type" in given):
            findings.append(
                queries.wrong("id", given.get("id", ""), "record_type and id together, or neither")
            )
        if findings:
            raise blocked(Blocked(findings), BAD_QUERY)
        rows = list(_asked(request, given).order_by("-pk")[: PAGE + 1])
        after = None
        if len(rows) > PAGE:
            query = urlencode({**given, "before": rows[PAGE - 1].pk})
            after = request.build_absolute_uri(f"/api/v1/policies/decisions/?{query}")
        return Response({"results": [representation.decision(one) for one in rows[:PAGE]], "next": after})


def _asked(request: Request, given: dict[str, str]) -> QuerySet[Decision]:
    """Return the decisions that were asked for. Raises ObjectDoesNotExist for a record out of sight."""
    user = user_of(request)
    if "id" in given:
        pk = queries.whole("id", given["id"], default=0, most=2**63 - 1)
        kind = next((one for one in registry.every() if one.slug == given["record_type"]), None)
        if kind is None or not access.rights(user, kind.label).sees_any:
            raise ObjectDoesNotExist
        kind.model.objects.visible_to(user).only("pk").get(pk=pk)
        rows = Decision.objects.filter(subject_type=kind.label, subject_id=pk)
    else:
        rows = Decision.objects.filter(decided.seen(user))
    for name, column in (("policy", "policy_key"), ("outcome", "outcome")):
        if name in given:
            rows = rows.filter(**{column: given[name]})
    if "before" in given:
        rows = rows.filter(pk__lt=queries.whole("before", given["before"], default=0, most=2**63 - 1))
    return rows


class OneDecision(ApiView):
    """One decision."""

    @documented(
        id="policy_decisions_read",
        summary="Read one decision with everything that it saw",
        response=ref("PolicyDecision"),
        **TAG,
    )
    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        return Response(representation.decision(_seen(request).get(pk=id)))


class Replay(ApiView):
    """Deciding again; it writes nothing."""

    @documented(
        id="policy_decisions_replay",
        summary="Decide again by the same version and facts, and compare",
        response=ref("PolicyReplay"),
        **TAG,
    )
    def post(self, request: Request, id: int) -> Response:
        if body := body_of(request):
            raise blocked(Blocked([queries.wrong(name, body[name], "nothing") for name in sorted(body)]))
        found = decisions.replay(_seen(request).get(pk=id))
        return Response(
            {"same": found.same, "outcome": found.outcome, "differences": list(found.differences)}
        )


def _seen(request: Request) -> QuerySet[Decision]:
    rows = Decision.objects.filter(decided.seen(user_of(request)))
    return rows.select_related("policy_version__policy")
