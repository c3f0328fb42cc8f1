"""Facts are declared once and read the same from a record in hand and from the table."""

from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from revops.kernel.people import access
from revops.kernel.policies import facts
from revops.kernel.policies.facts import Collection, Fact, FactSchema
from revops.kernel.policies.kinds import FactKind
from tests.kernel.policies.specimens import SUBJECT, Item, Subject

IN_HAND = [fact.path for fact in SUBJECT.facts if fact.in_hand]
EVERY = [fact.path for fact in SUBJECT.facts] + ["s.items"]


def test_fact_declares_what_fits() -> None:
    with pytest.raises(ValueError, match="only text is stored folded"):
        Fact("s.number", "Number", FactKind.INTEGER, folded="number_key")
    with pytest.raises(ValueError, match="a choice names its choices"):
        Fact("s.size", "Size", FactKind.CHOICE)
    with pytest.raises(ValueError, match="a choice names its choices"):
        Fact("s.name", "Name", choices=(("a", "A"),))
    with pytest.raises(ValueError, match=r"x\.y: declared twice: a"):
        FactSchema("x.y", (Fact("a", "A"),), (Collection("a", "As", Item.objects.all, "subject_id", ()),))


def test_record_type_has_one_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "_schemas", {})
    with pytest.raises(LookupError, match=r"policy_specimens\.subject has no facts"):
        facts.get("policy_specimens.subject")
    facts.register(SUBJECT)
    facts.register(SUBJECT)
    assert facts.get("policy_specimens.subject") is SUBJECT
    assert facts.every() == [SUBJECT]
    with pytest.raises(ValueError, match="has a fact schema already"):
        facts.register(FactSchema("policy_specimens.subject", ()))


def test_unsaved_record_tells_its_facts() -> None:
    parent = Subject(pk=7, number=3, size="")
    record = Subject(name="Acme", code="", amount=Decimal("1.50"), parent=parent)
    told = SUBJECT.of(
        record, ["s.name", "s.code", "s.amount", "s.parent", "s.parent_number", "s.parent_size"]
    )
    assert told == {
        "s.name": "Acme",
        "s.code": None,
        "s.amount": Decimal("1.50"),
        "s.parent": 7,
        "s.parent_number": 3,
        "s.parent_size": None,
    }
    assert SUBJECT.of(Subject(), ["s.parent_number"]) == {"s.parent_number": None}


def test_changes_count_before_they_are_made() -> None:
    record, other = Subject(name="Acme", number=1), Subject(pk=9)
    told = SUBJECT.of(record, ["s.name", "s.number", "s.parent"], changes={"name": "", "parent": other})
    assert told == {"s.name": None, "s.number": 1, "s.parent": 9}


def test_what_only_the_database_knows_is_not_guessed() -> None:
    for path in ("s.doubled", "s.items"):
        with pytest.raises(TypeError, match=r"use FactSchema\.fetch"):
            SUBJECT.of(Subject(number=2), [path])


def test_read_gets_a_computed_fact_from_a_record() -> None:
    doubled = Fact(
        "s.doubled", "Doubled", FactKind.INTEGER, column=F("number") * 2, read=lambda s: s.number * 2
    )
    assert (doubled.in_hand, doubled.of(Subject(number=4))) == (True, 8)


@pytest.mark.django_db
@pytest.mark.usefixtures("specimens")
def test_table_and_record_tell_the_same() -> None:
    fetched = SUBJECT.fetch(Subject.objects.all(), IN_HAND)
    assert len(fetched) == 120
    for record in Subject.objects.select_related("parent"):
        assert SUBJECT.of(record, IN_HAND) == fetched[record.pk]


@pytest.mark.django_db
@pytest.mark.usefixtures("specimens")
@pytest.mark.parametrize("rows", [1, 3])
def test_fetching_costs_one_statement_and_one_a_collection(rows: int) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        fetched = SUBJECT.fetch(Subject.objects.filter(pk__lte=rows), EVERY)
    assert (len(fetched), len(asked)) == (rows, 2)
    assert (
        sum(len(held["s.items"]) for held in fetched.values())
        == Item.objects.filter(subject__lte=rows).count()
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("specimens")
def test_page_reads_each_fact_of_a_record_once_and_the_next_page_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FactSchema, "model", Subject)
    record = Subject.objects.order_by("pk")[0]
    paths = [fact.path for fact in SUBJECT.facts]
    whole = SUBJECT.fetch(Subject.objects.filter(pk=record.pk), paths)[record.pk]
    with CaptureQueriesContext(connection) as captured, access.remembered():
        assert SUBJECT.about(record.pk, paths) == whole
        assert SUBJECT.about(record.pk, paths[:2]) == {path: whole[path] for path in paths[:2]}
        assert SUBJECT.about(record.pk, ["s.items"]).keys() == {"s.items"}
    assert len(captured) == 3  # the facts, the record for its items, the items
    with CaptureQueriesContext(connection) as captured:
        SUBJECT.about(record.pk, paths)
        SUBJECT.about(record.pk, paths)
    assert len(captured) == 2
