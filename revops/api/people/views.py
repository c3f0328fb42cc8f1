"""The views of the organisation: a list, a row, an action; all of them made from resources and the table of deeds."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries, versions
from revops.api.people import arguments, documents
from revops.api.people.resources import RESOURCES, USERS, Resource, address
from revops.api.people.table import DEEDS, Deed
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import Operation
from revops.api.views import ApiView, body_of, user_of
from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.people.actions import plan_offboarding

MAX_LIMIT = 200


class ResourceView(ApiView):
    """Serves one resource of the organisation."""

    resource: Resource = RESOURCES[0]
    deed: Deed | None = None
    answers: str = ""

    def describe(self, method: str) -> Operation:
        return documents.operation(self.resource, self.answers, method, self.deed)

    def require_seen(self, request: Request) -> None:
        """Raise ObjectDoesNotExist where the asker sees no row of this resource: to them it does not exist."""
        if not access.rights(request.user, self.resource.label).sees_any:
            raise ObjectDoesNotExist

    def done(self, request: Request, pk: int | None = None) -> Response:
        """Do the view's deed with the body's arguments, and answer the row it concerned as it is now."""
        deed, by, body = self.deed, user_of(request), body_of(request)
        if not access.rights(by, self.resource.label).creatable:
            self.require_seen(request)
        assert deed is not None  # noqa: S101 - the map of addresses gives a deed to every view that writes
        version = versions.held(request, body) if deed.versioned else None
        row = None if pk is None else self.resource.rows(by).filter(pk=pk).first()
        if pk is not None and row is None:
            raise ObjectDoesNotExist
        given, findings = arguments.read(deed.arguments, body, by)
        for name in sorted(deed.keep_null - body.keys()):
            if deed.versioned:
                given[name] = getattr(row, name)
            else:
                findings.append(queries.wrong(name, "nothing", "an id, or null"))
        if findings:
            raise blocked(Blocked(findings))
        told = {name: value for name, value in given.items() if value is not None or name in deed.keep_null}
        if deed.subject:
            told[deed.subject] = pk if deed.by_id else row
        if deed.versioned:
            told["version"] = version
        written = deed.run(by=by, **told)
        return self.shown(request, pk if pk is not None else written.pk, status=200 if deed.name else 201)

    def shown(self, request: Request, pk: int, *, status: int = 200) -> Response:
        """Answer one row. Who just wrote a row they may not see learns its id only."""
        try:
            body = self.resource.one(pk, request)
        except ObjectDoesNotExist:
            if status != 201:
                raise
            body = {"id": pk, "url": f"{address(request, self.resource)}{pk}/"}
        headers = {"ETag": f'"{body["version"]}"'} if "version" in body else {}
        return Response(body, status, headers=headers | ({"Location": body["url"]} if status == 201 else {}))


class Rows(ResourceView):
    """The rows one sees, by id; making a new one."""

    answers = "page"

    def get(self, request: Request) -> Response:
        given = queries.single(request)
        if unknown := sorted(given.keys() - {"after", "limit"}):
            findings = [queries.wrong(name, given[name], "after or limit") for name in unknown]
            raise blocked(Blocked(findings), BAD_QUERY)
        limit = queries.whole("limit", given.get("limit"), default=50, most=MAX_LIMIT)
        after = queries.whole("after", given["after"], default=0, most=10**18) if "after" in given else 0
        self.require_seen(request)
        rows = list(self.resource.rows(request.user).filter(pk__gt=after).order_by("pk")[: limit + 1])
        more, rows = len(rows) > limit, rows[:limit]
        base = address(request, self.resource)
        following = f"{base}?after={rows[-1].pk}&limit={limit}" if more else None
        return Response({"results": self.resource.shown(rows, request), "next": following})

    def post(self, request: Request) -> Response:
        return self.done(request)


class Row(ResourceView):
    """One row; changing its fields."""

    answers = "row"

    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        return self.shown(request, id)

    def patch(self, request: Request, id: int) -> Response:
        return self.done(request, id)


class DeedView(ResourceView):
    """One action on one row."""

    answers = "row"

    def post(self, request: Request, id: int) -> Response:
        return self.done(request, id)


class OffboardingPlan(ApiView):
    """What deactivating somebody would move, and to whom, without doing it."""

    def describe(self, method: str) -> Operation:
        return documents.PLAN

    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        user = USERS.rows(request.user).get(pk=id)
        plan = plan_offboarding(by=user_of(request), user=user)
        return Response(
            {
                "user": _person(plan.user),
                "manager": _person(plan.manager),
                "receiving_queue": plan.receiving_queue,
                "holdings": [
                    {"record_type": label, "role": str(role), "count": count}
                    for (label, role), count in sorted(plan.holdings.items())
                ],
                "reports": plan.reports,
                "teams_managed": plan.teams_managed,
                "territories": plan.territories,
                "queues": plan.queues,
                "also": list(plan.also),
            }
        )


def _person(user: Any) -> dict[str, Any] | None:
    return None if user is None else {"id": user.pk, "name": str(user)}


def deed(resource: Resource, name: str) -> Deed | None:
    """Return the deed of a resource by its name."""
    return next((one for one in DEEDS if one.resource is resource and one.name == name), None)
