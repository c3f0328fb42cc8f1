"""The views of imports: each parses, makes its calls of the wizard's face, and answers."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from revops.api import queries
from revops.api.imports import bodies, documents
from revops.api.imports.documents import operation
from revops.api.imports.representation import address, short, whole
from revops.api.problems import BAD_QUERY, blocked
from revops.api.schema.operation import Operation, ref
from revops.api.views import ApiView, body_of, user_of
from revops.kernel.audit import Blocked
from revops.kernel.exchange.drafts import wizard
from revops.kernel.exchange.drafts.models import ImportDraft
from revops.kernel.people import access

LABEL = "exchange.importdraft"
MULTIPART = "multipart/form-data"
MAX_LIMIT = 200


class ImportView(ApiView):
    """Serves one import, or all of them; `told` describes its methods for the schema."""

    told: dict[str, Operation] = {}

    def describe(self, method: str) -> Operation:
        return self.told[method]

    def found(self, request: Request, id: int) -> ImportDraft:
        """Return the import as its reader may see it. Raises ObjectDoesNotExist."""
        return wizard.get(by=user_of(request), pk=id)

    def shown(self, request: Request, draft: ImportDraft, status: int = 200) -> Response:
        """Answer one import as it is now."""
        headers = {"Location": address(request, draft.pk)} if status == 201 else {}
        return Response(whole(self.found(request, draft.pk), request), status, headers=headers)


class FileParser(BaseParser):
    """Stands for a multipart body; the files in it are received by the upload handler and read from there."""

    media_type = MULTIPART


class Imports(ImportView):
    """The imports one may see; uploading a file."""

    takes = MULTIPART
    parser_classes = [FileParser]
    idempotent = False
    told = {
        "get": operation(
            "list",
            "List imports, the newest first",
            "ImportPage",
            parameters=(documents.CURSOR, documents.LIMIT),
        ),
        "post": operation(
            "create",
            "Upload a file to import",
            status=201,
            request=ref("ImportUpload"),
            takes=MULTIPART,
            description="CSV or .xlsx. A small file is read at once, a large one in the background: watch its state.",
        ),
    }

    def get(self, request: Request) -> Response:
        given = _given(request, "after", "limit")
        limit = queries.whole("limit", given.get("limit"), default=50, most=MAX_LIMIT)
        if not access.rights(request.user, LABEL).sees_any:
            raise ObjectDoesNotExist
        rows = wizard.drafts(by=user_of(request))
        if "after" in given:
            rows = rows.filter(pk__lt=queries.whole("after", given["after"], default=0, most=10**18))
        held = list(rows[: limit + 1])
        following = str(held[limit - 1].pk) if len(held) > limit else None
        return Response({"results": [short(one, request) for one in held[:limit]], "next": following})

    def post(self, request: Request) -> Response:
        sent: Any = request._request
        form, files = sent.POST, sent.FILES
        found = [
            queries.wrong(name, form[name], "object, mapping and file")
            for name in form
            if name not in ("object", "mapping")
        ]
        if "file" not in files or len(files) != 1:
            found.append(queries.wrong("file", ", ".join(files) or "nothing", "one file"))
        if not form.get("object"):
            found.append(queries.wrong("object", "", "what the rows are, such as account"))
        if found:
            raise blocked(Blocked(found))
        file = files["file"]
        draft = wizard.upload(
            by=user_of(request),
            object=form["object"],
            file=file,
            name=file.name or "",
            mapping=form.get("mapping", ""),
        )
        return self.shown(request, draft, 201)


class OneImport(ImportView):
    """One import: what was detected, how it is mapped, what a check found, what became of it."""

    told = {
        "get": operation("read", "Read one import"),
        "patch": operation(
            "edit",
            "Decide: options, answers, mapping, constants, values",
            request=ref("ImportEdit"),
            description="In this order; all of it or nothing.",
        ),
        "delete": operation("delete", "Throw an import away of which nothing went in", "", status=204),
    }

    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        return self.shown(request, self.found(request, id))

    def patch(self, request: Request, id: int) -> Response:
        body, by = bodies.read(body_of(request), bodies.EDIT), user_of(request)
        self.found(request, id)
        with transaction.atomic():
            if "options" in body:
                wizard.set_options(by=by, pk=id, options=body["options"])
            if "mapping" in body:
                wizard.take_mapping(by=by, pk=id, key=body["mapping"])
            if "columns" in body or "constants" in body:
                columns = {int(place): fields for place, fields in body.get("columns", {}).items()}
                wizard.map_columns(by=by, pk=id, columns=columns, constants=body.get("constants"))
            if "answers" in body:
                wizard.answer(by=by, pk=id, answers=body["answers"])
            if "values" in body:
                wizard.map_values(by=by, pk=id, values=body["values"])
        return self.shown(request, self.found(request, id))

    def delete(self, request: Request, id: int) -> Response:
        queries.none(request)
        wizard.discard(by=user_of(request), pk=id)
        return Response(status=204)


class Step(ImportView):
    """One step that begins: check, recheck, commit, revert. Long work goes on in the background."""

    step = "check"

    def describe(self, method: str) -> Operation:
        told = {
            "check": "Check every row, in the background; nothing is imported",
            "recheck": "Check the repaired rows again",
            "commit": "Import for good, in the background; go on with one that stopped",
            "revert": "Take the whole import back, in the background",
        }
        return operation(self.step, told[self.step])

    def post(self, request: Request, id: int) -> Response:
        bodies.read(body_of(request), {})
        begin = getattr(wizard, self.step)
        return self.shown(request, begin(by=user_of(request), pk=id))


class Findings(ImportView):
    """What the last check found, by line."""

    told = {
        "get": operation(
            "findings",
            "List what the last check found",
            "ImportFindings",
            parameters=(documents.CURSOR, documents.LIMIT, *documents.FILTERS),
        )
    }

    def get(self, request: Request, id: int) -> Response:
        given = _given(request, "after", "limit", "code", "column", "weight")
        limit = queries.whole("limit", given.pop("limit", None), default=50, most=MAX_LIMIT)
        page = wizard.findings(self.found(request, id), limit=limit, **given)
        names = documents.COMPONENTS["ImportFinding"]["properties"]
        rows = [{name: getattr(row, name) for name in names} for row in page.rows]
        return Response({"results": rows, "next": page.next or None})


class Repairs(ImportView):
    """The cells that were written anew."""

    http_method_names = ["get", "head", "put"]
    told = {
        "get": operation("repairs", "List the cells that were written anew", "ImportRepairs"),
        "put": operation(
            "repair",
            "Write cells anew",
            "ImportRepairs",
            request=ref("ImportRepair"),
            description="Single cells, whole rows, or a text everywhere in a column. The file stays as it is.",
        ),
    }

    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        return self._listed(request, id)

    def put(self, request: Request, id: int) -> Response:
        body, by = bodies.read(body_of(request), bodies.REPAIRS), user_of(request)
        self.found(request, id)
        with transaction.atomic():
            for one in body.get("rows", ()):
                wizard.repair_row(by=by, pk=id, **one)
            for one in body.get("everywhere", ()):
                wizard.replace_everywhere(by=by, pk=id, **one)
            for one in body.get("cells", ()):
                wizard.repair(by=by, pk=id, **one)
        return self._listed(request, id)

    def _listed(self, request: Request, id: int) -> Response:
        names = ("line", "place", "column", "before", "after")
        held = wizard.repairs(self.found(request, id))
        return Response({"results": [{name: getattr(one, name) for name in names} for one in held]})


class ErrorFile(ImportView):
    """The rejected rows as a file."""

    told = {
        "get": operation(
            "error_file",
            "Fetch the rejected rows as CSV, with why",
            "",
            description="The answer is the file itself; its text is safe for spreadsheets.",
        )
    }

    def get(self, request: Request, id: int) -> HttpResponseBase:
        queries.none(request)
        draft = self.found(request, id)
        answer = StreamingHttpResponse(
            wizard.error_file(draft, by=user_of(request)), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="import-{draft.pk}-rejected.csv"'
        return answer


class RevertPlan(ImportView):
    """What a revert would take back, without doing it."""

    told = {"get": operation("revert_plan", "See what a revert would take back", "ImportRevertPlan")}

    def get(self, request: Request, id: int) -> Response:
        queries.none(request)
        return Response(wizard.revert_plan(self.found(request, id), by=user_of(request)).as_json())


def _given(request: Request, *known: str) -> dict[str, str]:
    """Return the parameters of the address. Raises Problem for one that is not known."""
    given = queries.single(request)
    if unknown := sorted(given.keys() - set(known)):
        found = [queries.wrong(name, given[name], "one of " + ", ".join(known)) for name in unknown]
        raise blocked(Blocked(found), BAD_QUERY)
    return given
