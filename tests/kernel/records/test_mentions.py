"""Who is named in a text is checked, kept and told in the same change, or the text is refused."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import assign_account, edit_account, log_activity
from accounts.models import Account, Activity
from revops.kernel import audit, clocks, notifications
from revops.kernel.audit import Blocked
from revops.kernel.identity.models import User
from revops.kernel.notifications.models import Notification
from revops.kernel.people import actions as people
from revops.kernel.records import mentions, work
from revops.kernel.records.mentions import text
from revops.kernel.records.mentions import work as mentioned_work
from revops.kernel.records.models import Mention
from tests.cast import Cast
from tests.kernel.records.conftest import Make

WHY = "Because the test wants it so"


def at(person: User, name: str = "") -> str:
    return f"@[{name or person.name}](user:{person.pk})"


@pytest.fixture
def northwind(make: Make, cast: Cast) -> Account:
    return make("Northwind", owner=cast.alice.pk)


def note(by: User, account: Account, body: str) -> Activity:
    values = {"kind": "note", "subject": "Note", "account": account.pk, "body": body}
    return log_activity(by=by, values=values)


def edit(by: User, account: Account, description: str) -> None:
    edit_account(by=by, pk=account.pk, changes={"description": description})


def told(user: User) -> list[tuple[str, str]]:
    return [(row.title, row.text) for row in notifications.unread(user)]


@pytest.mark.parametrize(
    ("given", "shown", "named"),
    [
        ("nobody", "nobody", {}),
        ("", "", {}),
        ("@[Rita Rossi](user:12) and @[Bob](user:7)!", "@Rita Rossi and @Bob!", {12: "Rita Rossi", 7: "Bob"}),
        ("@[Rita](user:12)@[Rita](user:12)", "@Rita@Rita", {12: "Rita"}),
        ("@[Rita](user:0)", "@[Rita](user:0)", {}),
        ("@[Rita](user:12", "@[Rita](user:12", {}),
        ("@[Ri\nta](user:12)", "@[Ri\nta](user:12)", {}),
        ("@[<b>](user:12)", "@<b>", {12: "<b>"}),
        ("@[Rita](user:٣)", "@[Rita](user:٣)", {}),
        ("[x](user:1)", "[x](user:1)", {}),
    ],
)
def test_text_is_read(given: str, shown: str, named: dict[int, str]) -> None:
    assert (text.plain(given), text.named(given)) == (shown, named)
    assert "".join(f"@{p.text}" if p.person else p.text for p in text.parts(given)) == shown


@pytest.mark.parametrize("length", range(30))
def test_cut_leaves_no_half_mention(length: int) -> None:
    given = "Ask @[Rita Rossi](user:12) now, please do"
    assert text.plain(text.cut(given, length)) in {
        *(f"{given[:n]}…" for n in range(5)),
        *(f"{given[:26]}…".replace("[Rita Rossi](user:12)", "Rita Rossi") for _ in "x"),
        *(f"Ask @Rita Rossi{given[26:n]}…" for n in range(26, 30)),
    }
    assert text.cut("short", 5) == "short"


def test_sentence_is_the_one_that_names() -> None:
    given = "First. @[Bob](user:7) looks! Then\n@[Rita](user:12) signs? Done."
    assert (text.sentence(given, 7), text.sentence(given, 12)) == ("@Bob looks!", "@Rita signs?")
    assert text.sentence("x" * 400 + " @[Bob](user:7)", 7) == "x" * 299 + "…"
    assert text.sentence(given, 3) == ""


def test_mention_is_kept_and_told_with_its_sentence(cast: Cast, northwind: Account) -> None:
    made = note(
        cast.alice, northwind, f"Good call. Can {at(cast.bob)} and {at(cast.mona)} join on Friday? Thanks."
    )
    sentence = "Can @Bob and @Mona join on Friday?"
    for person in (cast.bob, cast.mona):
        assert told(person) == [("Alice mentioned you in Northwind", sentence)]
        (waiting,) = mentions.unread(person)
        assert (waiting.by, waiting.text, waiting.url) == (cast.alice, sentence, f"/activities/{made.pk}/")
        assert (waiting.record_type, waiting.record_id) == ("accounts.account", northwind.pk)
    row = Mention.objects.get(user=cast.bob)
    assert (row.entry_type, row.entry_id, row.field) == ("accounts.activity", made.pk, "body")
    told_of = notifications.unread(cast.bob)[0]
    assert (told_of.kind, told_of.mail, told_of.url) == ("mention", "once", f"/activities/{made.pk}/")


def test_edit_adds_only_who_is_new(cast: Cast, northwind: Account) -> None:
    edit(cast.alice, northwind, f"{at(cast.bob)} knows them.")
    notifications.mark_read(cast.bob)
    edit(cast.alice, northwind, f"{at(cast.bob)} knows them well, {at(cast.mona)} too.")
    assert (told(cast.bob), told(cast.mona)) == (
        [],
        [("Alice mentioned you in Northwind", "@Bob knows them well, @Mona too.")],
    )
    assert (Mention.objects.count(), Notification.objects.count()) == (2, 2)


def test_name_taken_out_takes_back_its_mention_and_its_quotation(cast: Cast, northwind: Account) -> None:
    edit(cast.alice, northwind, f"{at(cast.bob)} and {at(cast.mona)} know a secret.")
    edit(cast.alice, northwind, f"{at(cast.mona)} knows.")
    assert (mentions.unread(cast.bob), len(mentions.unread(cast.mona))) == ([], 1)
    assert told(cast.bob) == [("Alice mentioned you in Northwind", "")]


def refused(by: User, account: Account, body: str) -> list[audit.Finding]:
    before = Activity.objects.count()
    with pytest.raises(Blocked) as refusal:
        note(by, account, body)
    assert (Mention.objects.count(), Notification.objects.count(), Activity.objects.count()) == (0, 0, before)
    assert {finding.field for finding in refusal.value.findings} == {"body"}
    return list(refusal.value.findings)


def test_who_does_not_see_the_text_is_refused_by_name(cast: Cast, northwind: Account) -> None:
    findings = refused(cast.alice, northwind, f"{at(cast.charlie)}, {at(cast.bob)} and {at(cast.fin)}: look")
    assert [(finding.code, finding.found) for finding in findings] == [
        ("MEN-004", "Charlie"),
        ("MEN-004", "Fin"),
    ]
    assert findings[0].message == (
        "Charlie does not see this activity, and would not be told. "
        "Ask its owner or operations to put Charlie on it, or take the name out."
    )


def test_refusal_offers_to_share_to_who_may(cast: Cast, northwind: Account) -> None:
    with pytest.raises(Blocked) as refusal:
        edit(cast.rita, northwind, f"{at(cast.charlie)} knows")
    (finding,) = refusal.value.findings
    assert [(remedy.label, remedy.url) for remedy in finding.remedies] == [
        ("Put Charlie on the account", f"/accounts/{northwind.pk}/do/assign/")
    ]


def test_nobody_and_who_left_are_refused(cast: Cast, northwind: Account) -> None:
    people.deactivate_user(by=cast.ada, user=cast.bob, reason=WHY)
    named = f"{at(cast.bob)} {at(cast.mona, 'Boss')} @[Ghost](user:999999999999999999) {at(cast.alice)}"
    findings = refused(cast.alice, northwind, named)
    assert [(finding.code, finding.found) for finding in findings] == [
        ("MEN-003", "Bob"),
        ("MEN-002", "Boss"),
        ("MEN-002", "Ghost"),
    ]
    assert findings[1].message.startswith(
        "What was said names “Boss”, and there is nobody by this name and id"
    )


def test_text_names_at_most_twenty(cast: Cast, northwind: Account) -> None:
    crowd = " ".join(f"@[Ghost](user:{n})" for n in range(1_000, 1_021))
    (finding,) = refused(cast.alice, northwind, crowd)
    assert (finding.code, finding.message) == (
        "MEN-001",
        "What was said names 21 people; at most 20 can be. Take some out.",
    )


def test_import_names_nobody(cast: Cast, northwind: Account) -> None:
    with audit.door(audit.Source.IMPORT):
        note(cast.alice, northwind, f"{at(cast.bob)} and @[Ghost](user:99999)")
    assert (Mention.objects.count(), Notification.objects.count()) == (0, 0)


def test_who_lost_sight_is_shown_nothing(cast: Cast, northwind: Account) -> None:
    edit(cast.alice, northwind, f"{at(cast.bob)}: the secret is 42")
    assert (len(told(cast.bob)), len(mentions.unread(cast.bob))) == (1, 1)
    assign_account(by=cast.rita, pk=northwind.pk, owner=cast.charlie, reason=WHY)
    assert (told(cast.bob), mentions.unread(cast.bob)) == ([], [])


def test_reading_is_known_on_both_sides(cast: Cast, northwind: Account) -> None:
    edit(cast.alice, northwind, f"{at(cast.bob)} {at(cast.mona)}")
    note(cast.alice, northwind, f"{at(cast.bob)}")
    first, second = mentions.unread(cast.bob)
    assert mentions.mark_read(cast.bob, [first.pk, Mention.objects.get(user=cast.mona).pk]) == 1
    assert [one.pk for one in mentions.unread(cast.bob)] == [second.pk]
    assert len(told(cast.bob)) == 1
    notifications.mark_read(cast.bob)
    assert (mentions.unread(cast.bob), len(mentions.unread(cast.mona))) == ([], 1)


def test_text_that_names_nobody_costs_nothing(
    cast: Cast, northwind: Account, settled_organisation: Any
) -> None:
    def asked(description: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            edit(cast.alice, northwind, description)
        return [one["sql"] for one in queries if re.search("mention|notification", one["sql"])]

    assert asked("Plain words, a@b.example, [x](user") == []
    assert len(asked(f"{at(cast.bob)} {at(cast.mona)}")) == 3


def test_mention_waits_in_ones_work_until_it_is_read(cast: Cast, northwind: Account) -> None:
    edit(cast.alice, northwind, f"{at(cast.bob)}: look.")
    (item,) = mentioned_work.items(cast.bob, clocks.now(), 10)
    assert (item.title, item.why, item.url) == (
        "@Bob: look.",
        "Alice mentioned you",
        f"/accounts/{northwind.pk}/",
    )
    with pytest.raises(LookupError):
        work.do(by=cast.mona, source="mention", pk=item.pk, name="read", values={})
    done = work.do(by=cast.bob, source="mention", pk=item.pk, name="read", values={})
    assert (mentioned_work.items(cast.bob, clocks.now(), 10), told(cast.bob)) == ([], [])
    work.do(by=cast.bob, source="mention", pk=item.pk, name=done.undo, values={})
    assert len(mentioned_work.items(cast.bob, clocks.now(), 10)) == 1


def test_many_texts_that_name_one_person_take_the_statements_of_one(
    cast: Cast, make: Make, settled_organisation: None
) -> None:
    accounts = [make(f"Company {n}", owner=cast.alice.pk) for n in range(4)]

    def statements(some: list[Account]) -> int:
        with (
            CaptureQueriesContext(connection) as queries,
            audit.change(by=cast.alice, action="account.edit_many"),
        ):
            held = audit.writing.lock_many(Account.objects.filter(pk__in=[one.pk for one in some]))
            for one in held:
                one.description = at(cast.bob)
            audit.write_many(held)
        return sum(bool(re.search("mention|notification|identity_user", one["sql"])) for one in queries)

    assert statements(accounts[:1]) == statements(accounts[1:])
    assert Mention.objects.count() == 4
