"""Every door by which somebody could bring a deal into another stage, found in the product itself.

`found()` walks the addresses of the pages and of the API, the deeds of the record type, the board, the importers, the
work that waits, the events that act on deals, and the admin. Each is driven by `DRIVERS`, or `NO_DOOR` says why it
leads into no stage; one that stands in neither is a door that nobody watches, and fails the test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib import admin

from opportunities.actions import close_lost, close_won, edit_opportunity, move_stage
from opportunities.enums import Stage
from opportunities.models import Opportunity
from revops.kernel import audit, gates
from revops.kernel.audit.enums import Source
from revops.kernel.exchange import importers
from revops.kernel.exchange.external_ids import link
from revops.kernel.gates import machines, transitions
from revops.kernel.identity.models import User
from revops.kernel.outbox import jobs, receiving
from revops.kernel.records import registry, work
from tests.api.conftest import Api
from tests.cast import Cast
from tests.guards.urls import access_of, addresses, methods_of
from tests.kernel.exchange.bulk_runs import do
from tests.opportunities.files import bring
from tests.web.conftest import Browser

LABEL = "opportunities.opportunity"
WHY = "The buyer told us so on the phone"


@dataclass(frozen=True)
class Try:
    """Somebody tries to bring a deal into a stage that its gates refuse."""

    cast: Cast
    deal: Opportunity
    to: str
    folder: Path

    @property
    def url(self) -> str:
        return f"/opportunities/{self.deal.pk}/"

    @property
    def alice(self) -> User:
        return self.cast.alice


Driver = Callable[[Try], None]


def found() -> set[str]:
    """Return the name of everything that writes deals, wherever it stands."""
    kind = registry.get(LABEL)
    names = {f"page {pattern.name}" for route, pattern in addresses() if _writes_deals(route, pattern)}
    names |= {f"deed {one.name}" for one in kind.actions}
    names |= {f"composer {one.name}" for one in kind.composers}
    names |= {f"board by {mover.field}" for mover in kind.extra["board"].movers}
    names |= {"bulk edit", *(f"bulk {one.name}" for one in kind.actions if one.in_bulk)}
    names |= {
        f"import {one.name}" for one in importers.every() if one.record_type.startswith("opportunities.")
    }
    names |= {
        f"work {source.key}: {deed.name}"
        for source in work.every()
        for deed in source.deeds
        if source.query.__module__.startswith("opportunities.")
    }
    heard = (one for event in receiving.types() for one in receiving.of(event))
    names |= {f"event {one.key}" for one in heard if one.acts and _is_ours(one.function)}
    names |= {f"job {one.key}" for one in jobs.registered() if _is_ours(one.function)}
    return names | {f"admin {model.__name__}" for model in admin.site._registry if model is Opportunity}


def _is_ours(function: Callable[..., Any]) -> bool:
    return function.__module__.startswith("opportunities.")


def _writes_deals(route: str, pattern: Any) -> bool:
    """Say whether an address of the record type answers more than GET."""
    if not route.startswith(("opportunities/", "api/v1/opportunities/")):
        return False
    return bool({*access_of(route, pattern), *methods_of(pattern)} - {"GET", "HEAD", "OPTIONS"})


# -- how each door is tried ----------------------------------------------------------------------------


def act(one: Try) -> None:
    """Call the action itself: what it says, every door says."""
    if one.to == "closed_won":
        close_won(by=one.alice, pk=one.deal.pk)
    elif one.to == "closed_lost":
        close_lost(by=one.alice, pk=one.deal.pk, reason_code="price")
    else:
        move_stage(by=one.alice, pk=one.deal.pk, to=one.to)


def _refused(run: Callable[[], Any]) -> None:
    try:
        run()
    except audit.Blocked:
        return
    raise AssertionError("It went through.")


def _given(one: Try) -> tuple[str, dict[str, Any]]:
    """Return the deed that leads to a stage and what it is given."""
    version = {"version": str(one.deal.version)}
    if one.to == "closed_won":
        return "close_won", version
    if one.to == "closed_lost":
        return "close_lost", {"reason_code": "price", **version}
    return "move_stage", {"to": one.to, **version}


def _task(one: Try) -> None:
    """A task, a command and the shell have no way of their own: they call the action, as whom they act for."""
    with audit.door(Source.JOB, request_id="job:test"):
        _refused(lambda: act(one))


def _shell_edit(one: Try) -> None:
    with audit.door(Source.COMMAND):
        _refused(lambda: edit_opportunity(by=one.alice, pk=one.deal.pk, changes={"stage": one.to}))


def _transition(one: Try) -> tuple[str, dict[str, Any]]:
    """Return the transition that leads to a stage and what it asks for."""
    if one.to == "closed_won":
        return "win", {}
    return ("lose", {"reason_code": "price"}) if one.to == "closed_lost" else ("advance", {"to": one.to})


def _shell_run(one: Try) -> None:
    name, payload = _transition(one)
    _refused(lambda: transitions.run(subject=one.deal, name=name, by=one.alice, payload=payload))


def _deed(one: Try) -> None:
    name, data = _given(one)
    assert Browser(one.alice).post(f"{one.url}do/{name}/", data).status_code == 422


def _next(one: Try) -> None:
    data = {"version": str(one.deal.version)}
    assert Browser(one.alice).post(f"{one.url}do/advance/", data).status_code == 422


def _api_next(one: Try) -> None:
    body = {"version": one.deal.version}
    assert Api(one.alice).post(f"opportunities/{one.deal.pk}/advance/", body).status_code == 422


def _form(one: Try) -> None:
    data = {"stage": one.to, "version": str(one.deal.version)}
    assert Browser(one.alice).post(f"{one.url}edit/", data).status_code == 422


def _inline(one: Try) -> None:
    data = {"stage": one.to, "version": str(one.deal.version)}
    assert Browser(one.alice).htmx_post(f"{one.url}field/stage/", data).status_code == 422


def _board(one: Try) -> None:
    data = {
        "by": "stage",
        "to": one.to,
        "version": str(one.deal.version),
        "reason_code": "price" if one.to == LOST else "",
        "asked": "1",
    }
    assert Browser(one.alice).htmx_post(f"{one.url}move/", data).status_code == 422


def _bulk_edit(one: Try) -> None:
    assert do(one.alice, [one.deal.pk], {"stage": one.to}, kind="opportunities", reason="").refused == 1


def _bulk_deed(one: Try) -> None:
    deed, given = _given(one)
    given.pop("version")
    assert do(one.alice, [one.deal.pk], given, deed=deed, kind="opportunities", reason="").refused == 1


def _import(one: Try) -> None:
    """A file may call itself a migration: a deal that was opened here is led here all the same."""
    with audit.change(by=one.cast.rita, action="test.link"):
        link(one.deal, "salesforce", "D9")
    content = f"Id,StageName\nD9,{Stage(one.to).label}\n"
    report = bring(one.folder, one.cast.rita, "opportunity", content)
    assert report.as_json()["rejected"] == 1


def _patch(one: Try) -> None:
    body = {"stage": one.to, "version": one.deal.version}
    assert Api(one.alice).patch(f"opportunities/{one.deal.pk}/", body).status_code == 422


def _api_deed(one: Try) -> None:
    name, body = _given(one)
    body["version"] = one.deal.version
    assert Api(one.alice).post(f"opportunities/{one.deal.pk}/{name}/", body).status_code == 422


def _api_transition(one: Try) -> None:
    name, body = _transition(one)
    body["version"] = one.deal.version
    answer = Api(one.alice).post(f"opportunities/{one.deal.pk}/transitions/{name}/", body)
    assert answer.status_code == 422, answer.content


def _once_there(one: Try) -> int:
    """Let the history of the deal say that it stood in the stage once, and return the version that says so."""
    machine = machines.of(LABEL)
    assert machine is not None
    present = one.deal.stage
    with audit.change(by=one.cast.rita, action="test.history"):
        held = audit.lock(Opportunity.objects.all(), pk=one.deal.pk)
        held.stage = one.to
        gates.take_as_found([held], machine)
        audit.write(held)
    with audit.change(by=one.cast.rita, action="test.history"):
        held = audit.lock(Opportunity.objects.all(), pk=one.deal.pk)
        was, held.stage = held.version, present
        gates.take_as_found([held], machine)
        audit.write(held)
    one.deal.refresh_from_db()
    return was


def _restore(one: Try) -> None:
    was = _once_there(one)
    data = {"version": str(one.deal.version), "reason": WHY}
    assert Browser(one.alice).post(f"{one.url}restore/{was}/?field=stage", data).status_code == 422


def _api_restore(one: Try) -> None:
    was = _once_there(one)
    body = {"to_version": was, "version": one.deal.version, "fields": ["stage"]}
    answer = Api(one.alice).post(f"opportunities/{one.deal.pk}/restore/", body)
    assert answer.status_code == 422, answer.content


NEXT, AHEAD, WON, LOST = "discovery", "evaluation", "closed_won", "closed_lost"
DOORS: Mapping[str, tuple[Driver, tuple[str, ...]]] = {
    "deed move_stage": (_deed, (AHEAD,)),
    "deed advance": (_next, (NEXT,)),
    "page api-opportunities-advance": (_api_next, (NEXT,)),
    "deed close_won": (_deed, (WON,)),
    "deed close_lost": (_deed, (LOST,)),
    "page record-edit": (_form, (AHEAD, WON)),
    "page record-field": (_inline, (AHEAD, WON)),
    "page record-restore": (_restore, (AHEAD,)),
    "board by stage": (_board, (AHEAD, WON, LOST)),
    "bulk edit": (_bulk_edit, (AHEAD, WON)),
    "bulk move_stage": (_bulk_deed, (AHEAD,)),
    "bulk close_lost": (_bulk_deed, (LOST,)),
    "import opportunity": (_import, (AHEAD,)),
    "page api-opportunities-detail": (_patch, (AHEAD, WON)),
    "page api-opportunities-restore": (_api_restore, (AHEAD,)),
    "page api-opportunities-move_stage": (_api_deed, (AHEAD,)),
    "page api-opportunities-close_won": (_api_deed, (WON,)),
    "page api-opportunities-close_lost": (_api_deed, (LOST,)),
    "page api-opportunities-transition": (_api_transition, (AHEAD, WON, LOST)),
    "shell transitions.run": (_shell_run, (AHEAD, WON, LOST)),
    "shell edit_opportunity": (_shell_edit, (AHEAD, WON)),
    "task": (_task, (AHEAD, WON, LOST)),
}
# What writes deals and leads into no other stage, and why.
_OTHER, _LIST, _LOG = (
    "writes other fields",
    "is about lists and views",
    "logs what happened; the stage is not its affair",
)
_PARTS = {
    _LOG: "composer call, composer email, composer meeting, composer note, composer task, page record-compose",
    _OTHER: (
        "deed add_contact, deed assign, deed copy_again, deed push, bulk assign, bulk copy_again, bulk push, "
        "page api-opportunities-add_contact, page api-opportunities-assign, page api-opportunities-copy_again, "
        "page api-opportunities-push, work next-step: log_call, work next-step: next_step, work next-step: snooze, "
        "work no-next-step: log_call, work no-next-step: next_step, deed set_next_step, "
        "page api-opportunities-set_next_step, job opportunities.next_steps, job opportunities.gate_alerts, "
        "job opportunities.overdue_steps, event opportunities.activity_attendees, "
        "event opportunities.activity_edited, event opportunities.activity_logged, "
        "event opportunities.activity_outcome, event opportunities.activity_scheduled, import contact_role"
    ),
    _LIST: (
        "page record-follow, page record-view, page record-view-deed, page record-views, page record-bulk-follow"
    ),
    "says what a deal is known by, which gates read": (
        "deed score, deed add_milestone, deed set_review, page api-opportunities-score, "
        "page api-opportunities-add_milestone, page api-opportunities-set_review"
    ),
    "writes evidence, and who is asked to verify it": (
        "deed add_evidence, page api-opportunities-add_evidence, work evidence: verify, work evidence: reject, "
        "event opportunities.verification_assigned, event opportunities.verification_lost, "
        "event opportunities.verification_reopened, event opportunities.verification_won"
    ),
    "sets or brings down a forecast category, which is no stage": (
        "deed set_category, bulk set_category, page api-opportunities-set_category, job opportunities.categories"
    ),
    "tells of age and of stalls": (
        "deed give_stall_reason, page api-opportunities-give_stall_reason, job opportunities.aging"
    ),
    "loses silent deals past the criteria of losing, as tests/opportunities/test_sweeping.py drives it": (
        "job opportunities.sweep"
    ),
    "inspects a deal, which brings down its category and never its stage; freezes what is open": (
        "deed inspect, page api-opportunities-inspect, work inspection: inspect, "
        "job opportunities.pipeline_reviews"
    ),
    "opens a deal in the first stage": "page record-new, page api-opportunities-list",
    "leads back into the last open stage, which has no gate": (
        "deed reopen, deed reopen_won, page api-opportunities-reopen, page api-opportunities-reopen_won"
    ),
    "leads to deeds, moves and bulk changes that are driven by their own names": (
        "page record-action, page record-move, page record-bulk"
    ),
    "brings in the history of a migration, behind what was moved here (OPP-072)": "import opportunity_history",
}
NO_DOOR: Mapping[str, str] = {name: why for why, names in _PARTS.items() for name in names.split(", ")}
