"""One view for every record type: list, read, create, change, history, restore.

An app adds special actions by subclassing `RecordViewSet` (DRF's `@action` and our `@documented`) and
`routes.register`. Nothing is decided here: values, rights and rules are the record type's actions' affair.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from revops.api import histories, likeness, representation, totals, versions
from revops.api.queries import ListRequest, require_seen, sparse, wrong
from revops.api.schema.operation import Operation
from revops.api.schema.records import operations
from revops.api.views import ApiView, body_of
from revops.kernel.audit import Blocked
from revops.kernel.people import access
from revops.kernel.records import listing, registry
from revops.kernel.records.registry import Field, FieldKind, RecordAction, RecordType


class RecordViewSet(ViewSetMixin, ApiView):
    """Serves the record type `label`."""

    label: ClassVar[str] = ""
    lookup_field = "id"
    lookup_value_converter = "record_id"

    @property
    def record_type(self) -> RecordType:
        return registry.get(self.label)

    def describe(self, method: str) -> Operation:
        known = operations(self.record_type)
        return known[self.action] if self.action in known else super().describe(method)

    def list(self, request: Request) -> Response:
        """Answer one page; `next` and `previous` are full addresses."""
        wanted = ListRequest.read(self.record_type, request)
        page = wanted.page(request.user)
        shape = representation.shape(self.record_type, wanted.names)
        base = representation.address(request, self.record_type)
        body: dict[str, Any] = {
            "results": representation.render(shape, page.rows, request.user, base),
            "next": wanted.address(base, after=page.next),
            "previous": wanted.address(base, before=page.previous),
        }
        if wanted.exact:
            body["count"] = listing.matching(wanted.query, request.user).count()
        return Response(body)

    def retrieve(self, request: Request, id: int) -> Response:
        """Answer one record with its version as ETag."""
        return self.shown(request, id, names=sparse(self.record_type, request))

    def create(self, request: Request) -> Response:
        """Create a record by the record type's own action."""
        if not access.rights(request.user, self.label).creatable:
            require_seen(self.record_type, request.user)
        record = self.record_type.create(by=request.user, values=self.values(body_of(request)))
        return self.written(request, record, status=201)

    def partial_update(self, request: Request, id: int) -> Response:
        """Change the given fields, if the version is still the one the client holds."""
        changes = body_of(request)
        version, reason = versions.held(request, changes), versions.reason(changes)
        return self.edited(request, id, self.values(changes), version, reason)

    def act(self, request: Request, id: int, deed: RecordAction) -> Response:
        """Do one of the record type's special actions, through the app's own call."""
        values = body_of(request)
        version, reason = versions.held(request, values), versions.reason(values)
        known = {field.name: field for field in deed.fields}
        given = self.values(values, known, f"something that “{deed.label}” asks for")
        with versions.explained(self.record_type, request, {}):
            record = deed.run(by=request.user, pk=id, values=given, version=version, reason=reason)
        return self.written(request, record)

    @action(detail=False, methods=["get"])
    def totals(self, request: Request) -> Response:
        """Answer the numbers of a list: its registered metrics, column by column with `by`."""
        return Response(totals.answer(self.record_type, request))

    @action(detail=False, methods=["get"])
    def likely(self, request: Request) -> Response:
        """Answer what is there already that is like the values of a record yet to be created."""
        return Response(likeness.answer(self.record_type, request))

    @action(detail=True, methods=["get"])
    def history(self, request: Request, id: int) -> Response:
        """Answer the versions of a record, newest first."""
        return Response(histories.page(self.record_type, id, request))

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, id: int) -> Response:
        """Bring fields back to what they were in an earlier version, through the same action as any change."""
        body = body_of(request)
        version, reason = versions.held(request, body), versions.reason(body)
        changes = histories.values_to_restore(self.record_type, id, request.user, body)
        return self.edited(request, id, changes, version, reason)

    def values(
        self, body: Mapping[str, Any], known: Mapping[str, Field] | None = None, needed: str = ""
    ) -> dict[str, Any]:
        """Return the body as the actions take it: a link given as the answer shows it becomes its id.

        Raises Blocked with a finding for every name that is no field; what a field may hold, the action says.
        """
        known = self.record_type.by_name if known is None else known
        if unknown := sorted(body.keys() - known.keys()):
            needed = needed or f"a field of {self.record_type.plural.lower()}"
            raise Blocked([wrong(name, body[name], needed) for name in unknown])
        return {name: _id_of(known[name], value) for name, value in body.items()}

    def edited(
        self, request: Request, id: int, changes: Mapping[str, Any], version: int, reason: str
    ) -> Response:
        """Call the record type's edit; a conflict shows both versions."""
        with versions.explained(self.record_type, request, changes):
            record = self.record_type.edit(
                by=request.user, pk=id, changes=changes, version=version, reason=reason
            )
        return self.written(request, record)

    def written(self, request: Request, record: Any, *, status: int = 200) -> Response:
        """Answer the record just written; reads it again only where its writer may not see everything."""
        record_type, user = self.record_type, request.user
        if access.rights(user, self.label).view != access.Scope.ALL:
            seen = record_type.model.objects.visible_to(user).filter(pk=record.pk).exists()
            if not seen:
                return self.unseen(request, record, status)
        shape = representation.shape(record_type, representation.readable(record_type, user))
        base = representation.address(request, record_type)
        row = representation.row_of(record, shape, user)
        return self.answer(representation.render(shape, [row], user, base)[0], status)

    def unseen(self, request: Request, record: Any, status: int) -> Response:
        """Answer a record that its writer no longer sees: it is written, and that is all they learn."""
        base = representation.address(request, self.record_type)
        number = self.record_type.number(record.pk)
        return self.answer(
            {"id": record.pk, "number": number, "version": record.version, "url": f"{base}{record.pk}/"},
            status,
        )

    def shown(self, request: Request, id: int, *, names: Any = None) -> Response:
        """Answer a stored record. Raises ObjectDoesNotExist for what is not visible."""
        return self.answer(representation.one(self.record_type, id, request, names))

    def answer(self, body: dict[str, Any], status: int = 200) -> Response:
        """Return a representation with its ETag, and its address when it is new."""
        headers = {"ETag": f'"{body["version"]}"'}
        if status == 201:
            headers["Location"] = body["url"]
        return Response(body, status, headers=headers)


def _id_of(field: Field, value: Any) -> Any:
    if field.kind not in (FieldKind.REFERENCE, FieldKind.PERSON) or not isinstance(value, dict):
        return value
    return value["id"] if type(value.get("id")) is int and value.keys() <= {"id", "title", "name"} else value
