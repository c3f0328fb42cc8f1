"""Logging a call from where work stands: the form that stands above the timeline of the record it is about."""

from collections.abc import Mapping
from typing import Any

from revops.kernel.people import access
from revops.kernel.records import registry
from revops.kernel.records.registry import Composer
from revops.kernel.records.work.sources import Deed, Done, Form

CALL, LOG_CALL = "call", "log_call"


def composer_of(label: str) -> Composer | None:
    """Return the form by which a call about a record of this type is logged."""
    return next((one for one in registry.get(label).composers if one.name == CALL), None)


def may_log(user: Any, label: str) -> bool:
    """Say whether the role of `user` logs calls about records of this type."""
    composer = composer_of(label)
    return composer is not None and bool(access.rights(user, composer.creates).creatable)


def form(label: str) -> Form:
    """Return what the form asks and what it begins with. Raises LookupError where nothing is called."""
    composer = composer_of(label)
    if composer is None:
        raise LookupError(f"{label} has no form for calls.")
    return composer.fields, composer.begins


def log(*, by: Any, label: str, pk: int, values: Mapping[str, Any]) -> Done:
    """Log a call about a record that `by` sees. Raises DoesNotExist, and what its action raises."""
    composer, kind = composer_of(label), registry.get(label)
    if composer is None:
        raise LookupError(f"{label} has no form for calls.")
    if not may_log(by, label):
        raise access.Forbidden("Your role may not log calls.")
    about = kind.model.objects.visible_to(by).get(pk=pk)
    composer.run(by=by, about=about, values=values)
    return Done("The call is logged.")


def deed(label: str) -> Deed:
    """Return the deed of logging a call for a source whose items carry the id of a record of this type."""

    def run(*, by: Any, pk: int, values: Mapping[str, Any]) -> Done:
        return log(by=by, label=label, pk=pk, values=values)

    return Deed(LOG_CALL, "Log a call", "phone", run, form=lambda user, pk: form(label), shortcut="l")
