"""What the rules are: all of them, one, what is in force for a record at an instant, and two versions compared."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries
from revops.api.policies import bodies, representation
from revops.api.policies.documents import TAG
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import INSTANT, NUMBER, documented, in_query, ref
from revops.api.views import ApiView
from revops.kernel import clocks, policies
from revops.kernel.audit import Blocked
from revops.kernel.policies import comparing, documents
from revops.kernel.policies.documents import PolicyDocument
from revops.kernel.policies.models import PolicyVersion


class Policies(ApiView):
    """Every rule."""

    @documented(
        id="policies_list",
        summary="List the rules with what is in force",
        response=ref("Policies"),
        **TAG,
    )
    def get(self, request: Request) -> Response:
        queries.none(request)
        bodies.require_seen(request)
        now = clocks.now()
        return Response({"results": [representation.policy(one, now) for one in documents.every()]})


class OnePolicy(ApiView):
    """One rule."""

    @documented(id="policies_read", summary="Read one rule", response=ref("Policy"), **TAG)
    def get(self, request: Request, key: str) -> Response:
        queries.none(request)
        return Response(representation.policy(bodies.document_of(request, key), clocks.now()))


class InForce(ApiView):
    """The version that decides."""

    @documented(
        id="policies_in_force",
        summary="Read which version decides for a record of a scope at an instant",
        description="The scope is given by its keys, such as segment=ENT; the most specific version decides.",
        response=ref("PolicyInForce"),
        parameters=[
            in_query("at", INSTANT, "By default now."),
            in_query("started_at", INSTANT, "Since when something is in flight: it keeps its version."),
        ],
        **TAG,
    )
    def get(self, request: Request, key: str) -> Response:
        document, scope = bodies.document_of(request, key), queries.single(request)
        moments = {
            name: bodies.moment_of(name, scope.pop(name)) for name in ("at", "started_at") if name in scope
        }
        known = ", ".join(("at", "started_at", *document.scopes))
        findings = [
            queries.wrong(name, text, known) for name, text in scope.items() if name not in document.scopes
        ]
        if findings:
            raise blocked(Blocked(findings), BAD_QUERY)
        return Response(representation.in_force(policies.get(key, scope, **moments)))


class Comparison(ApiView):
    """Two versions of one rule."""

    @documented(
        id="policies_compare",
        summary="Compare two versions of a rule, in words",
        response=ref("PolicyComparison"),
        parameters=[
            in_query("before", NUMBER, "The id of the older version; without it the shipped default."),
            in_query("after", NUMBER, "The id of the newer version; without it the shipped default."),
        ],
        **TAG,
    )
    def get(self, request: Request, key: str) -> Response:
        document, given = bodies.document_of(request, key), queries.single(request)
        sides = [_side(request, document, name, given.pop(name, None)) for name in ("before", "after")]
        if given:
            findings = [queries.wrong(name, text, "before, after") for name, text in given.items()]
            raise blocked(Blocked(findings), BAD_QUERY)
        (older, before), (newer, after) = sides
        found = comparing.differences(before, after, document)
        results = [
            {"path": one.path, "label": one.label, "before": one.before, "after": one.after} for one in found
        ]
        return Response({"before": older, "after": newer, "results": results})


def _side(request: Request, document: PolicyDocument, name: str, text: str | None) -> tuple[str, Any]:
    """Return one side of a comparison: how it is called, and its body."""
    if text is None:
        return f"{document.key}@0", document.default
    pk = queries.whole(name, text, default=0, most=2**63 - 1)
    rows = PolicyVersion.objects.visible_to(request.user).select_related("policy")
    row = rows.get(pk=pk, policy__key=document.key)
    scope = f"[{row.policy.scope_key}]" if row.policy.scope_key else ""
    return f"{document.key}{scope}@{row.n}", row.body
