import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from accounts.models import Account
from revops.api import idempotency, tasks
from revops.api.enums import RequestState
from revops.api.models import IdempotentRequest
from revops.kernel import clocks
from revops.kernel.audit.models import ChangeEvent
from tests.api.conftest import Api, Cast, problem

BODY = {"name": "Contoso"}


def create(api: Api, key: str = "k-1", body: Any = None) -> Any:
    return api.post("accounts/", body or BODY, Idempotency_Key=key)


def test_same_key_and_body_take_effect_once_and_are_answered_alike(as_: Any) -> None:
    rita = as_("rita")
    first, again = create(rita), create(rita)
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    for header in ("ETag", "Location"):
        assert first.headers[header] == again.headers[header]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Account.objects.count() == 1


def test_answer_stays_the_first_one_after_the_record_has_changed(as_: Any) -> None:
    rita = as_("rita")
    first = create(rita)
    rita.patch(f"accounts/{first.json()['id']}/", {"city": "Rome", "version": 1})
    assert create(rita).content == first.content


def test_answer_given_again_holds_nothing_its_reader_may_no_longer_see(
    as_: Any, cast: Cast, hire: Any
) -> None:
    from accounts.actions import assign_account

    first = create(as_("alice"))
    reason = "Charlie takes over the region"
    assign_account(by=cast.rita, pk=first.json()["id"], owner=cast.charlie, reason=reason)
    problem(create(as_("alice")), 404, "not-found")
    assert Account.objects.count() == 1


@pytest.mark.parametrize("other", [{"name": "Fabrikam"}, {"name": "Contoso", "city": "Rome"}])
def test_same_key_with_another_request_is_refused(as_: Any, other: dict[str, str]) -> None:
    rita = as_("rita")
    create(rita)
    problem(create(rita, body=other), 422, "idempotency-key-reused")
    problem(rita.post("accounts/1/restore/", BODY, Idempotency_Key="k-1"), 422, "idempotency-key-reused")
    assert Account.objects.count() == 1


def test_key_belongs_to_its_user(as_: Any) -> None:
    assert create(as_("rita")).json()["id"] != create(as_("alice")).json()["id"]


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 256])
def test_key_that_does_not_fit_is_refused(as_: Any, key: str) -> None:
    problem(create(as_("rita"), key), 422, "blocked")
    assert not Account.objects.exists()


def test_refused_request_keeps_no_key(as_: Any) -> None:
    rita = as_("rita")
    problem(create(rita, body={"name": "", "city": "Rome"}), 422, "blocked")
    problem(create(as_("otto"), body=BODY), 403, "forbidden")
    assert not IdempotentRequest.objects.exists()
    assert create(rita).status_code == 201


def running(cast: Cast, body_of: Any, age: int) -> IdempotentRequest:
    """Leave behind what a process leaves that was killed before its change committed."""
    done = create(Api(cast.rita), body=body_of)
    row = IdempotentRequest.objects.get()
    started = clocks.now() - timedelta(seconds=age)
    IdempotentRequest.objects.update(
        state=RequestState.RUNNING, status=None, body="", record_type="", record_id=None, started_at=started
    )
    Account.objects.filter(pk=done.json()["id"])
    return row


def test_request_in_flight_is_answered_with_409(as_: Any, cast: Cast) -> None:
    running(cast, BODY, age=5)
    response = create(as_("rita"))
    problem(response, 409, "in-progress")
    assert response.headers["Retry-After"] == "1"
    assert Account.objects.count() == 1


def test_request_given_up_for_dead_is_done_again(as_: Any, cast: Cast) -> None:
    row = running(cast, BODY, age=61)
    assert create(as_("rita")).status_code == 201
    row.refresh_from_db()
    assert (row.state, row.attempt, row.status) == (RequestState.DONE, 2, 201)


def test_attempt_given_up_for_dead_cannot_commit_any_more(
    as_: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = idempotency._begin

    def overtaken(*args: Any) -> IdempotentRequest:
        row = begin(*args)
        IdempotentRequest.objects.filter(pk=row.pk).update(attempt=row.attempt + 1)
        return row

    monkeypatch.setattr(idempotency, "_begin", overtaken)
    problem(create(as_("rita")), 409, "in-progress")
    assert not Account.objects.exists()


def test_crash_between_commit_and_answer_is_answered_from_the_record(as_: Any) -> None:
    rita = as_("rita")
    first = create(rita)
    IdempotentRequest.objects.update(body="", status=201)
    again = create(rita)
    assert (again.status_code, again.json()) == (201, first.json())
    assert Account.objects.count() == 1


def test_change_and_key_commit_together(as_: Any) -> None:
    created = create(as_("rita")).json()
    row = IdempotentRequest.objects.get()
    assert row.change_id == ChangeEvent.objects.get(action="account.create").pk
    assert (row.record_type, row.record_id) == ("accounts.account", created["id"])


def test_token_is_never_kept_as_an_answer(as_: Any) -> None:
    problem(as_("rita").post("tokens/", {"name": "t"}, Idempotency_Key="k-1"), 422, "blocked")
    assert not IdempotentRequest.objects.exists()


def test_answers_are_kept_for_a_day_and_purged_after_two(as_: Any) -> None:
    create(as_("rita"))
    with clocks.at(clocks.now() + timedelta(hours=25)):
        assert tasks.purge_idempotent_requests() == "0 kept answers deleted"
    with clocks.at(clocks.now() + timedelta(hours=49)):
        assert tasks.purge_idempotent_requests() == "1 kept answers deleted"


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_many_at_once_take_effect_once(cast: Cast) -> None:
    """Twelve threads send two keys; without the unique row (a new key each time) there would be twelve accounts."""
    statuses: list[int] = []
    apis = [Api(cast.rita) for _ in range(12)]

    def send(number: int) -> None:
        statuses.append(
            create(apis[number], key=f"k-{number % 2}", body={"name": f"N{number % 2}"}).status_code
        )
        connections.close_all()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert statuses.count(201) >= 2
    assert sorted(Account.objects.values_list("name", flat=True)) == ["N0", "N1"]
