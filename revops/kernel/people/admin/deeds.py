"""The Django admin for governed records: pages made of small forms, each of which calls one action.

Django's own change form would write rows itself; here it cannot. A refusal comes back into the form that asked,
with what was typed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from revops.kernel.audit import Blocked, Conflict
from revops.kernel.people import access


@dataclass(frozen=True, slots=True)
class Deed:
    """One form on a page of the admin: `run(by, record, data)` calls the action."""

    name: str
    title: str
    form: type[forms.Form]
    run: Callable[[Any, Any, dict[str, Any]], Any]
    done: str
    help: str = ""
    button: str = "Save"


class ActionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list as Django makes it, and pages whose forms call actions. Nothing is ever deleted."""

    create: Deed | None = None
    deeds: Sequence[Deed] = ()
    actions = None
    list_display_links: Any = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.create is not None and bool(self._rights(request).creatable)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self._rights(request).edits)

    def _rights(self, request: HttpRequest) -> Any:
        return access.rights(request.user, self.opts.label_lower)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request) or self.create is None:
            raise PermissionDenied
        return self._page(request, None, [self.create])

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        record = self.get_object(request, object_id)
        if record is None or not self.has_view_permission(request, record):
            raise PermissionDenied
        return self._page(request, record, self.deeds if self.has_change_permission(request, record) else ())

    def _page(self, request: HttpRequest, record: Any, deeds: Sequence[Deed]) -> HttpResponse:
        chosen = request.POST.get("deed", "") if request.method == "POST" else ""
        shown = []
        for deed in deeds:
            form = deed.form(request.POST if deed.name == chosen else None, prefix=deed.name)
            if deed.name == chosen and form.is_valid() and self._done(request, record, deed, form):
                return HttpResponseRedirect(self._back(record))
            shown.append((deed, form))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(record or f"Add {self.opts.verbose_name}"),
            "facts": self.facts(record) if record is not None else (),
            "shown": shown,
        }
        return TemplateResponse(request, "admin/people/form.html", context, status=422 if chosen else 200)

    def facts(self, record: Any) -> Sequence[tuple[str, Any]]:
        """Return what the page tells about a record, besides its forms."""
        return ()

    def _back(self, record: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return (
            reverse(f"{name}_change", args=[record.pk])
            if record is not None
            else reverse(f"{name}_changelist")
        )

    def _done(self, request: HttpRequest, record: Any, deed: Deed, form: forms.Form) -> bool:
        try:
            deed.run(request.user, record, form.cleaned_data)
        except Blocked as error:
            for finding in error.findings:
                form.add_error(finding.field if finding.field in form.fields else None, finding.message)
        except (access.Forbidden, Conflict) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, deed.done)
            return True
        return False
