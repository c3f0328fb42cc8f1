"""Rules over the API: who reads and writes them, every refusal with its place, simulations, decisions again."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Account
from revops.kernel import audit, clocks, policies
from revops.kernel.gates import criteria
from revops.kernel.policies import decisions, documents, facts
from revops.kernel.policies.models import Decision, PolicyVersion
from tests.api.conftest import Api, Cast, fields_of, problem
from tests.evidence import unchanged

As = Callable[[str], Api]
KEY = "accounts.required_fields"
BODY = {"fields": [{"field": "account.country"}]}


def draft(api: Api, **given: Any) -> Any:
    return api.post(f"policies/{KEY}/versions/", {"body": BODY, "source_note": "A test", **given})


def test_rules_are_listed_with_what_is_in_force(as_: As) -> None:
    told = {one["key"]: one for one in as_("sven").get("policies/").json()["results"]}
    assert list(told) == [document.key for document in documents.every()]
    one = told["accounts.segment"]
    assert (one["title"], one["record_type"], one["scopes"]) == ("Segment of an account", "accounts", [])
    (held,) = one["in_force"]
    assert (held["ref"], held["n"], held["authority"]) == ("accounts.segment@0", 0, "shipped default")
    assert held["lines"][-1] == "Small business otherwise"
    assert as_("sven").get("policies/accounts.segment/").json() == one
    problem(as_("sven").get("policies/accounts.nothing/"), 404, "not-found")


def test_draft_is_made_changed_compared_put_in_force_and_dropped(as_: As) -> None:
    rita = as_("rita")
    made = draft(rita, mode="warn", migrate=True)
    assert made.status_code == 201, made.content
    held = made.json()
    assert (held["n"], held["status"], held["mode"], held["migrate"]) == (2, "draft", "warn", True)
    assert held["lines"] == ["Country is required always"]
    own = f"policies/versions/{held['id']}/"
    problem(rita.patch(own, {"body": BODY}), 428, "precondition-required")
    body = {"fields": [{"field": "account.country", "mode": "observe"}]}
    edited = rita.patch(own, {"body": body, "version": 1}).json()
    assert (edited["version"], edited["lines"]) == (2, ["Country is required always (observe)"])
    problem(rita.patch(own, {"body": BODY}, If_Match='"1"'), 409, "conflict")
    listed = rita.get(f"policies/{KEY}/versions/").json()["results"]
    assert [one["n"] for one in listed] == [2, 1]
    told = rita.get(f"policies/{KEY}/compare/", {"after": held["id"]}).json()
    assert (told["before"], told["after"]) == (f"{KEY}@0", f"{KEY}@2")
    gone = [one["label"] for one in told["results"] if not one["after"]]
    assert gone == [
        "Fields › account.legal_name",
        "Fields › account.billing_account_ext",
        "Fields › account.clm_party_ext",
        "Fields › account.territory",
    ]
    live = rita.post(f"{own}activate/").json()
    assert (live["status"], live["authority"]) == ("active", "set-up mode")
    assert rita.get(f"policies/{KEY}/in-force/").json()["ref"] == f"{KEY}@2"
    problem(rita.patch(own, {"body": BODY, "version": live["version"]}), 422, "blocked")
    at = (clocks.now() - timedelta(days=1)).isoformat()
    assert rita.get(f"policies/{KEY}/in-force/", {"at": at}).json()["n"] == 0
    other = draft(rita).json()["id"]
    dropped = rita.post(f"policies/versions/{other}/retire/", {"reason": "Nobody wants it any more"})
    assert dropped.json()["status"] == "retired"


def test_set_up_mode_ends_once_over_the_api(as_: As) -> None:
    rita = as_("rita")
    held = draft(rita).json()["id"]
    assert rita.get("policies/set-up/").json() == {"lasts": True, "ended_at": None, "ended_by": None}
    problem(as_("mona").post("policies/set-up/", {"reason": "Because I want it so"}), 403, "forbidden")
    told = rita.post("policies/set-up/", {"reason": "Everything is loaded and agreed"}).json()
    assert (told["lasts"], told["ended_by"]["name"]) == (False, "Rita Rossi")
    refused = problem(rita.post(f"policies/versions/{held}/activate/"), 422, "blocked")
    assert [one["code"] for one in refused["findings"]] == ["POL-010"]


def test_readers_write_no_rule(as_: As, cast: Cast) -> None:
    held = draft(as_("rita")).json()["id"]
    alice = as_("alice")
    with unchanged():
        problem(draft(alice), 403, "forbidden")
        problem(alice.patch(f"policies/versions/{held}/", {"body": BODY, "version": 1}), 403, "forbidden")
        problem(alice.post(f"policies/versions/{held}/activate/"), 403, "forbidden")
        problem(alice.post(f"policies/{KEY}/simulate/", {"body": BODY}), 403, "forbidden")
    problem(Api().get("policies/"), 401, "unauthenticated")


def test_what_does_not_fit_is_refused_by_name(as_: As) -> None:
    rita = as_("rita")
    with unchanged():
        sent = {"body": [], "scope": {"x": 1}, "migrate": "yes", "colour": "red"}
        refused = problem(rita.post(f"policies/{KEY}/versions/", sent), 422, "blocked")
        assert fields_of(refused) == ["body", "colour", "migrate", "scope", "source_note"]
        for path, wrong in (
            (f"policies/{KEY}/in-force/?at=yesterday", ["at"]),
            (f"policies/{KEY}/in-force/?segment=ENT", ["segment"]),
            (f"policies/{KEY}/compare/?before=x", ["before"]),
            ("policies/decisions/?id=7", ["id"]),
            ("policies/decisions/?colour=red", ["colour"]),
            ("policies/?q=x", ["q"]),
        ):
            assert fields_of(problem(rita.get(path), 400, "bad-query")) == wrong
        problem(rita.get(f"policies/{KEY}/compare/", {"after": 10**9}), 404, "not-found")


def nested(depth: int) -> Any:
    rule: Any = {"f": "account.country", "op": "is_null"}
    for _ in range(depth - 1):
        rule = {"all": [rule]}
    return rule


@pytest.mark.parametrize(
    ("when", "place"),
    [
        ({"f": "account.password", "op": "is_null"}, "/fields/0/when/f"),
        ({"f": "account.employees", "op": "gte", "v": "many"}, "/fields/0/when/v"),
        ({"f": "account.employees", "op": "eq", "v": None}, "/fields/0/when/v"),
        ({"f": "account.employees", "op": "eq", "v": "100"}, "/fields/0/when/v"),
        (nested(9), "/fields/0/when/all/0/all/0/all/0/all/0/all/0/all/0/all/0/all/0"),
        ({"any": [{"const": True}] * 100}, "/fields/0/when/any/99"),
        ({"f": "account.name", "op": "regex", "v": "(a+)+"}, "/fields/0/when/op"),
    ],
)
def test_condition_beyond_the_language_is_refused_with_its_place(as_: As, when: Any, place: str) -> None:
    """Unknown path, wrong type, null literal, number as text, level 9, node 101, no such operator (M2)."""
    body = {"fields": [{"field": "account.country", "when": when}]}
    rita = as_("rita")
    with unchanged():
        for path, sent in (("versions", {"source_note": "A test"}), ("simulate", {})):
            refused = problem(rita.post(f"policies/{KEY}/{path}/", {"body": body, **sent}), 422, "blocked")
            told = [(one["code"], one["message"].partition(": ")[0]) for one in refused["findings"]]
            assert told == [("POL-001", place)]


def test_draft_is_simulated_with_rows_and_as_a_file(as_: As, account: Callable[..., Account]) -> None:
    bare, full = account("=Bare"), account("Full", country="FR")
    rita, sent = as_("rita"), {"body": BODY}
    told = rita.post(f"policies/{KEY}/simulate/", sent).json()
    assert (told["record_type"], told["total"], told["changed"]) == ("accounts", 2, 2)
    assert [one["id"] for one in told["rows"]] == [bare.pk, full.pk]
    assert told["rows"][0]["after"] == "Refused: lacks Country"
    assert told["past"]["decisions"] == 0
    assert told["digest"] == draft(rita).json()["digest"]
    page = rita.post(f"policies/{KEY}/simulate/", {**sent, "limit": 1, "offset": 1}).json()["rows"]
    assert [one["id"] for one in page] == [full.pk]
    answer = rita.post(f"policies/{KEY}/simulate/file/", sent)
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0] == "record_type,id,before,after,why"
    assert [line.split(",")[1] for line in lines[1:]] == [str(bare.pk), str(full.pk)]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{KEY}-impact.csv"'
    assert PolicyVersion.objects.count() == 2


@pytest.fixture
def decision(cast: Cast, account: Callable[..., Account], monkeypatch: pytest.MonkeyPatch) -> Decision:
    """A gate that has decided about an account of Alice."""
    monkeypatch.setattr(documents, "_documents", dict(documents._documents))
    asked = {"f": "account.employees", "op": "gte", "v": 100}
    criteria.document(
        key="accounts.test_gates",
        title="Gates of the test",
        record_type="accounts.account",
        gates={"prospect": "To leave prospect"},
        criteria=({"key": "large", "title": "It is large", "gate": "prospect", "rule": asked},),
        source="A test",
    )
    held, policy, now = account("Northwind", employees=50), policies.get("accounts.test_gates"), clocks.now()
    values = facts.get("accounts.account").of(held, ["account.employees"])
    question = {"gates": ["prospect"]}
    answer = policy.body.decide(question, values, now, policy)
    with audit.change(by=cast.alice, action="test.decide"):
        return decisions.record(policy, held, answer, question=question, values=values, at=now)


def test_decisions_are_told_to_who_sees_the_record_and_taken_again(as_: As, decision: Decision) -> None:
    alice, about = as_("alice"), {"record_type": "accounts", "id": decision.subject_id}
    (told,) = alice.get("policies/decisions/", about).json()["results"]
    assert (told["policy"], told["outcome"], told["facts"]) == (
        "accounts.test_gates",
        "refuses",
        {"account.employees": 50},
    )
    assert alice.get("policies/decisions/", {"policy": "accounts.test_gates"}).json()["results"] == [told]
    assert alice.get("policies/decisions/", {"outcome": "passes"}).json()["results"] == []
    own, charlie = f"policies/decisions/{decision.pk}/", as_("charlie")
    assert alice.get(own).json() == told
    with unchanged():
        again = alice.post(f"{own}replay/").json()
        assert again == {"same": True, "outcome": "refuses", "differences": []}
        problem(charlie.get("policies/decisions/", about), 404, "not-found")
        assert charlie.get("policies/decisions/").json()["results"] == []
        problem(charlie.get(own), 404, "not-found")
        problem(charlie.post(f"{own}replay/"), 404, "not-found")


def test_simulation_takes_past_decisions_again(as_: As, decision: Decision) -> None:
    small = {"f": "account.employees", "op": "gte", "v": 10}
    body = {"criteria": [{"key": "large", "title": "It is large", "gate": "prospect", "rule": small}]}
    told = as_("rita").post("policies/accounts.test_gates/simulate/", {"body": body}).json()["past"]
    assert (told["decisions"], told["changed"], told["untold"], told["more"]) == (1, 1, 0, False)
    later = {"body": body, "since": clocks.now().isoformat()}
    told = as_("rita").post("policies/accounts.test_gates/simulate/", later).json()["past"]
    assert (told["decisions"], told["changed"]) == (0, 0)


def test_every_policy_says_what_a_version_changes() -> None:
    """Each document is simulated, or says in words why no version changes a stored record."""
    silent = [
        one.key for one in documents.every() if (one.simulation is None) is not bool(one.unsimulated.strip())
    ]
    assert silent == []


def test_stored_decisions_are_taken_again_from_the_command_line(decision: Decision) -> None:
    def run(*arguments: str) -> str:
        out = StringIO()
        call_command("policy_replay", *arguments, stdout=out)
        return out.getvalue()

    assert run() == "1 decisions taken again, 0 came out differently.\n"
    assert run("--last", "5", "--policy", "accounts.segment").startswith("0 decisions")
    with pytest.raises(CommandError, match="is no policy"):
        run("--policy", "accounts.nothing")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE policies_decision SET outcome = 'passes'")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("policy_replay", stdout=out)
    assert out.getvalue().splitlines()[1:] == [
        "  The outcome was passes, now it is refuses.",
        "1 decisions taken again, 1 came out differently.",
    ]
