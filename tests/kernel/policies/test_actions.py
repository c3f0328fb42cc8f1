"""Drafting, going live, retiring, and the end of set-up mode."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from revops.kernel import audit, clocks, policies
from revops.kernel.audit import changes
from revops.kernel.audit.models import ChangeEvent
from revops.kernel.identity.models import User
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people.access import Forbidden
from revops.kernel.policies import actions
from revops.kernel.policies import documents as registry
from revops.kernel.policies.models import Policy, PolicyVersion, SetUpMode
from tests.cast import Cast
from tests.evidence import unchanged
from tests.kernel.policies.papers import Documents, Small

pytestmark = pytest.mark.django_db
WHY = "Because the test wants it so"


def draft(by: User, limit: int = 20, **given: Any) -> PolicyVersion:
    values = {"key": "specimens.limit", "body": {"limit": limit}, "source_note": "A test", **given}
    return actions.draft_version(by=by, **values)


def limit(**given: Any) -> tuple[int, int]:
    held = policies.get("specimens.limit", **given)
    return held.n, held.raw["limit"]


def codes(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[tuple[str, str]]:
    return [(finding.code, finding.field) for finding in refusal.value.findings]


def test_first_draft_keeps_the_shipped_default_as_version_one(cast: Cast, documents: Documents) -> None:
    assert limit() == (0, 10)
    version = draft(cast.olga)
    rows = PolicyVersion.objects.order_by("n").values_list("n", "status", "authority", "source_note", "mode")
    assert list(rows) == [
        (1, "active", "shipped default", "The tests", "warn"),
        (2, "draft", "", "A test", "warn"),
    ]
    assert (str(version), limit()) == ("specimens.limit version 2", (1, 10))
    assert draft(cast.olga, 30).n == 3


def test_scoped_policy_begins_with_its_first_draft(cast: Cast, documents: Documents) -> None:
    version = draft(cast.rita, scope={"segment": "ENT", "geo": "EU"}, priority=3, mode="observe")
    assert (version.n, version.mode) == (1, "observe")
    policy = Policy.objects.get()
    assert (policy.key, policy.domain, policy.scope_key, policy.priority) == (
        "specimens.limit",
        "specimens",
        "geo=EU&segment=ENT",
        3,
    )
    draft(cast.rita, scope={"geo": "EU", "segment": "ENT"}, priority=4)
    policy.refresh_from_db()
    assert (Policy.objects.count(), policy.priority, policy.version) == (1, 4, 2)


def test_every_finding_about_a_draft_is_told(cast: Cast, documents: Documents) -> None:
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        draft(cast.rita, -1, mode="block", source_note=" ", scope={"segment": "a=b", "pool": "x"})
    assert codes(refusal) == [
        ("POL-001", "body"),
        ("POL-003", "mode"),
        ("POL-004", "source_note"),
        ("POL-006", "scope"),
        ("POL-005", "scope"),
    ]
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        draft(cast.rita, key="specimens.nothing")
    assert codes(refusal) == [("POL-002", "key")]


def test_version_goes_live_at_once_and_ends_the_one_before(cast: Cast, documents: Documents) -> None:
    version = draft(cast.rita)
    before = clocks.now()
    live = actions.activate_version(by=cast.rita, pk=version.pk, reason="Agreed on Monday")
    assert (live.status, live.authority, limit()) == ("active", "set-up mode", (2, 20))
    first = PolicyVersion.objects.get(n=1)
    assert (first.status, first.effective_to) == ("retired", live.effective_from)
    # A decision of before keeps its version.
    assert first.effective_from is not None
    assert limit(at=first.effective_from)[0] == 1
    assert limit(at=first.effective_from - timedelta(microseconds=1)) == (0, 10)
    assert live.effective_from is not None
    assert live.effective_from >= before
    event = ChangeEvent.objects.get(action="policy.activate")
    assert (event.actor, event.reason) == (cast.rita, "Agreed on Monday")
    (told,) = OutboxEvent.objects.filter(type="policy.activated")
    assert told.payload == {"policy": "specimens.limit", "n": 2, "authority": "set-up mode"}


def test_planned_version_takes_over_at_its_instant(cast: Cast, documents: Documents) -> None:
    version = draft(cast.rita)
    starts = clocks.now() + timedelta(days=7)
    actions.activate_version(by=cast.rita, pk=version.pk, at=starts)
    assert limit() == (1, 10)
    assert limit(at=starts - timedelta(microseconds=1)) == (1, 10)
    assert limit(at=starts) == (2, 20)
    first = PolicyVersion.objects.get(n=1)
    assert (first.status, first.effective_to) == ("active", starts)


def test_going_live_is_refused_with_every_finding(cast: Cast, documents: Documents) -> None:
    planned, other = draft(cast.rita), draft(cast.rita, 30)
    starts = clocks.now() + timedelta(days=7)
    actions.activate_version(by=cast.rita, pk=planned.pk, at=starts)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        actions.activate_version(by=cast.rita, pk=other.pk, at=clocks.now() - timedelta(days=1))
    assert codes(refusal) == [("POL-012", "at"), ("POL-013", "at")]
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        actions.activate_version(by=cast.rita, pk=planned.pk)
    assert codes(refusal) == [("POL-011", "status"), ("POL-013", "at")]


def test_stale_version_is_a_conflict(cast: Cast, documents: Documents) -> None:
    version = draft(cast.rita)
    with unchanged(), pytest.raises(audit.Conflict):
        actions.activate_version(by=cast.rita, pk=version.pk, version=7)


def test_draft_whose_body_is_refused_today_does_not_go_live(
    cast: Cast, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = draft(cast.rita, 900)
    stricter = replace(documents.limit, body=Small)
    monkeypatch.setitem(registry._documents, "specimens.limit", stricter)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        actions.activate_version(by=cast.rita, pk=version.pk)
    assert codes(refusal) == [("POL-001", "body")]


@pytest.mark.parametrize("who", ["alice", "mona", "fin", "ada", "otto", "connie", "mark"])
def test_readers_of_policies_write_none(cast: Cast, documents: Documents, who: str) -> None:
    version = draft(cast.rita)
    user = cast.people[who]
    assert PolicyVersion.objects.visible_to(user).count() == 2
    with unchanged():
        with pytest.raises(Forbidden):
            draft(user)
        with pytest.raises(Forbidden):
            actions.activate_version(by=user, pk=version.pk)
        with pytest.raises(Forbidden):
            actions.retire_version(by=user, pk=version.pk, reason=WHY)
        with pytest.raises(Forbidden):
            actions.end_set_up_mode(by=user, reason=WHY)
        with pytest.raises(Forbidden):
            actions.adopt_shipped(by=user)


def test_sales_operations_draft_and_revenue_operations_go_live(cast: Cast, documents: Documents) -> None:
    version = draft(cast.olga)
    with unchanged(), pytest.raises(Forbidden):
        actions.activate_version(by=cast.olga, pk=version.pk)
    with unchanged(), pytest.raises(Forbidden):
        actions.end_set_up_mode(by=cast.olga, reason=WHY)
    actions.activate_version(by=cast.rita, pk=version.pk)


def test_partner_sees_no_policy(cast: Cast, documents: Documents) -> None:
    version = draft(cast.rita)
    assert not PolicyVersion.objects.visible_to(cast.paul).exists()
    with unchanged(), pytest.raises(PolicyVersion.DoesNotExist):
        actions.activate_version(by=cast.paul, pk=version.pk)


def test_after_set_up_mode_only_a_request_for_change_goes_live(cast: Cast, documents: Documents) -> None:
    version = draft(cast.rita)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        actions.end_set_up_mode(by=cast.rita, reason="too short")
    assert codes(refusal) == [("POL-016", "reason")]
    ended = actions.end_set_up_mode(by=cast.rita, reason=WHY)
    assert (ended.ended_by, SetUpMode.objects.count()) == (cast.rita, 1)
    assert ChangeEvent.objects.get(action="policy.end_set_up").reason == WHY
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        actions.activate_version(by=cast.rita, pk=version.pk)
    assert codes(refusal) == [("POL-010", "authority")]
    live = PolicyVersion.objects.get(n=1)
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        actions.retire_version(by=cast.rita, pk=live.pk, reason=WHY)
    assert codes(refusal) == [("POL-010", "authority")]
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        actions.end_set_up_mode(by=cast.rita, reason=WHY)
    assert codes(refusal) == [("POL-015", "")]
    # A draft may still be dropped, and an upper mechanism may go live on its own authority.
    with audit.change(by=cast.rita, action="rfc.go_live"):
        audit.lock(Policy.objects.all(), pk=version.policy_id)
        locked = audit.lock(PolicyVersion.objects.all(), pk=version.pk)
        actions.put_in_force(locked, at=None, authority="RFC-000012")
    assert PolicyVersion.objects.get(pk=version.pk).authority == "RFC-000012"
    actions.retire_version(by=cast.rita, pk=draft(cast.rita, 40).pk, reason=WHY)


def test_retired_draft_is_dropped(cast: Cast, documents: Documents) -> None:
    version = draft(cast.rita)
    dropped = actions.retire_version(by=cast.rita, pk=version.pk, reason=WHY)
    assert (dropped.status, dropped.effective_from, limit()) == ("retired", None, (1, 10))
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        actions.retire_version(by=cast.rita, pk=version.pk, reason=WHY)
    assert codes(refusal) == [("POL-014", "status")]
    with unchanged(), pytest.raises(audit.Blocked) as refusal:
        actions.retire_version(by=cast.rita, pk=version.pk, reason="short")
    assert codes(refusal) == [("POL-016", "reason")]


def test_retired_version_in_force_leaves_the_less_specific_one(cast: Cast, documents: Documents) -> None:
    version = draft(cast.rita, scope={"segment": "ENT"})
    actions.activate_version(by=cast.rita, pk=version.pk)
    assert limit(scope={"segment": "ENT"}) == (1, 20)
    actions.retire_version(by=cast.rita, pk=version.pk, reason=WHY)
    assert limit(scope={"segment": "ENT"}) == (0, 10)
    (told,) = OutboxEvent.objects.filter(type="policy.retired")
    assert told.payload == {"policy": "specimens.limit", "n": 1}


def test_retired_plan_lets_the_version_before_go_on(cast: Cast, documents: Documents) -> None:
    version = draft(cast.rita)
    starts = clocks.now() + timedelta(days=7)
    actions.activate_version(by=cast.rita, pk=version.pk, at=starts)
    actions.retire_version(by=cast.rita, pk=version.pk, reason=WHY)
    assert limit(at=starts + timedelta(days=1)) == (1, 10)
    assert PolicyVersion.objects.get(n=1).effective_to is None


def test_shipped_policies_are_adopted_once(cast: Cast, documents: Documents) -> None:
    draft(cast.rita)
    adopted = {version.policy.key for version in actions.adopt_shipped(by=cast.rita)}
    assert {"specimens.required_fields", "accounts.segment", "accounts.required_fields"} <= adopted
    assert "specimens.limit" not in adopted
    assert actions.adopt_shipped(by=cast.rita) == []
    assert policies.get("accounts.segment").n == 1


class Broken(Exception):
    pass


def test_nothing_is_kept_when_the_trail_cannot_be_written(
    cast: Cast, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = draft(cast.rita)

    def fail(change: audit.Change) -> None:
        raise Broken

    monkeypatch.setattr(changes, "_record", fail)
    for act in (
        lambda: draft(cast.rita),
        lambda: actions.activate_version(by=cast.rita, pk=version.pk),
        lambda: actions.retire_version(by=cast.rita, pk=version.pk, reason=WHY),
        lambda: actions.end_set_up_mode(by=cast.rita, reason=WHY),
        lambda: actions.adopt_shipped(by=cast.rita),
    ):
        with unchanged(), pytest.raises(Broken):
            act()
    assert limit() == (1, 10)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("body", '{"limit": 999}'),
        ("n", 9),
        ("mode", "enforce"),
        ("authority", "nobody"),
        ("source_note", "Another"),
        ("status", "draft"),
        ("effective_from", "2020-01-01T00:00:00+00:00"),
    ],
)
def test_database_refuses_to_change_a_version_that_was_active(
    cast: Cast, documents: Documents, column: str, value: Any
) -> None:
    version = draft(cast.rita)
    actions.activate_version(by=cast.rita, pk=version.pk)
    for pk in (version.pk, PolicyVersion.objects.get(n=1).pk):  # active and retired
        with (
            pytest.raises(IntegrityError, match="never changes"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE policies_policyversion SET {column} = %s WHERE id = %s", [value, pk])
    assert limit() == (2, 20)


def test_database_lets_a_draft_change_and_holds_one_open_version(cast: Cast, documents: Documents) -> None:
    version = draft(cast.rita)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE policies_policyversion SET source_note = 'Other' WHERE id = %s", [version.pk])
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(
                "UPDATE policies_policyversion SET status = 'active', authority = 'x', effective_from = created_at "
                "WHERE id = %s",
                [version.pk],
            )


def _forge(by: User, pk: int) -> None:
    with audit.change(by=by, action="policy.forge"):
        locked = audit.lock(PolicyVersion.objects.all(), pk=pk)
        locked.body = {"limit": 999}
        audit.write(locked)


def test_no_action_changes_a_version_that_was_active(cast: Cast, documents: Documents) -> None:
    version = draft(cast.rita)
    actions.activate_version(by=cast.rita, pk=version.pk)
    with pytest.raises(IntegrityError):
        _forge(cast.rita, version.pk)
