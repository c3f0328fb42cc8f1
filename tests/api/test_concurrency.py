import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from accounts.models import Account
from revops.api import versions
from tests.api.conftest import Api, Cast

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
EDITORS = 6


def at_once(sends: list[Callable[[], Any]]) -> list[Any]:
    """Run all of them in threads of their own and return their answers."""
    answers: list[Any] = []

    def run(send: Callable[[], Any]) -> None:
        answers.append(send())
        connections.close_all()

    threads = [threading.Thread(target=run, args=(send,)) for send in sends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def edits_of(made: Account, cast: Cast) -> list[Callable[[], Any]]:
    apis = [Api(cast.rita) for _ in range(EDITORS)]

    def edit(number: int) -> Callable[[], Any]:
        return lambda: apis[number].patch(f"accounts/{made.pk}/", {"city": f"City {number}"}, If_Match='"1"')

    return [edit(number) for number in range(EDITORS)]


def test_one_of_many_editors_of_a_version_wins_and_the_others_are_told(cast: Cast, account: Any) -> None:
    """Each holds version 1; the control below shows what happens when the version is not handed on."""
    answers = at_once(edits_of(account(), cast))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, *[412] * (EDITORS - 1)]
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    stored = Account.objects.get()
    assert (stored.version, stored.city) == (2, winner["city"])
    for answer in answers:
        if answer.status_code == 412:
            [difference] = answer.json()["differences"]
            assert (difference["field"], difference["theirs"]) == ("city", winner["city"])


@pytest.mark.control
def test_without_the_version_the_last_editor_overwrites_the_others(
    cast: Cast, account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "held", lambda request, body: None)
    answers = at_once(edits_of(account(), cast))
    assert [answer.status_code for answer in answers] == [200] * EDITORS
    assert Account.objects.get().version == 1 + EDITORS


def test_one_of_many_creators_of_a_domain_wins_and_the_others_get_a_problem(cast: Cast) -> None:
    apis = [Api(cast.rita) for _ in range(EDITORS)]
    sends = [
        lambda api=api: api.post("accounts/", {"name": "Contoso", "domain": "contoso.com"}) for api in apis
    ]
    statuses = sorted(answer.status_code for answer in at_once(sends))
    assert statuses[0] == 201
    assert set(statuses[1:]) <= {409, 422}
    assert Account.objects.count() == 1
