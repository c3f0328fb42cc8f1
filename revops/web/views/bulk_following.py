"""Following many records at once: those that are ticked in a list, or all of its results."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict

from revops.kernel.audit import Blocked
from revops.kernel.exchange.bulk import asking
from revops.kernel.records import following
from revops.kernel.records.registry import RecordType
from revops.web.access_rows import record


@record(POST="view")
def follow_chosen(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Follow the chosen records as far as one sees them; say in words how many."""
    named = request.POST.get("ids", "").split(",")
    try:
        ids = [int(one) for one in named if one.isascii() and one.isdigit() and len(one) < 19]
        if "list" in request.POST:
            ids = asking.ids_of_list(record_type, request.user, QueryDict(request.POST["list"]).dict())
        count = following.follow_many(by=request.user, label=record_type.label, ids=ids)  # type: ignore[arg-type]
    except Blocked as error:
        return JsonResponse({"said": str(error)}, status=422)
    except (LookupError, ObjectDoesNotExist):
        raise Http404 from None
    what = record_type.singular if count == 1 else record_type.plural
    return JsonResponse({"said": f"You follow {count:,} {what.lower()} now."})
