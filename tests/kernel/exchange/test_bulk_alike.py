"""What one record refuses or writes, a thousand refuse and write alike: each deed, in bulk against one by one."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from accounts.actions import (
    create_account,
    create_contact,
    disqualify_lead,
    edit_account,
    edit_contact,
    edit_lead,
    mark_as_left,
)
from accounts.models import Account
from opportunities.actions import close_lost, edit_opportunity
from revops.kernel.audit import Blocked, Finding, canonical
from revops.kernel.audit.history import history_model
from revops.kernel.exchange.bulk import deeds, weighing
from revops.kernel.exchange.bulk.asking import unseen
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.people import access
from revops.kernel.people.models import OwnershipInterval
from tests.cast import Cast
from tests.kernel.exchange.bulk_runs import WHY, ask, finish, leads
from tests.opportunities.conftest import ADVANCE, ENDED, open_deal, ready_deal

pytestmark = pytest.mark.django_db
Made = list[Any]


def of_leads(cast: Cast) -> Made:
    """As created, edited, given up, of a colleague, of somebody out of sight."""
    plain, edited, gone = leads(cast.alice, 3)
    edit_lead(by=cast.alice, pk=edited.pk, changes={"industry": "retail", "city": "Ghent"})
    disqualify_lead(by=cast.alice, pk=gone.pk, disposition="not_icp")
    return [plain, edited, gone, *leads(cast.bob, 1), *leads(cast.charlie, 1)]


def of_accounts(cast: Cast) -> Made:
    """As created, edited, under another account, of a colleague, of somebody out of sight."""

    def make(name: str, owner: str = "alice", **values: Any) -> Any:
        given = {"name": name, "owner": cast.people[owner].pk, **values}
        return create_account(by=cast.rita, values=given)

    plain, edited = make("Acme"), make("Acme", employees="5000")
    edit_account(by=cast.rita, pk=edited.pk, changes={"segment": "STRAT", "description": "Oranges"})
    return [plain, edited, make("Acme", parent=plain.pk), make("Acme", "bob"), make("Acme", "charlie")]


def of_contacts(cast: Cast) -> Made:
    """As created, edited, left, of a colleague, of somebody out of sight."""

    def make(by: str) -> Any:
        given = {"name": f"Acme {by}", "owner": cast.people[by].pk}
        account = Account.objects.filter(name=given["name"]).first() or create_account(
            by=cast.rita, values=given
        )
        return create_contact(by=cast.people[by], values={"last_name": "Boxer", "account": account.pk})

    plain, edited, gone = make("alice"), make("alice"), make("alice")
    edit_contact(by=cast.alice, pk=edited.pk, changes={"title": "Grower"})
    mark_as_left(by=cast.alice, pk=gone.pk)
    return [plain, edited, gone, make("bob"), make("charlie")]


def of_deals(cast: Cast) -> Made:
    """As created, edited, lost, of a colleague, of somebody out of sight."""
    plain, edited, lost = ready_deal(cast), open_deal(cast), open_deal(cast)
    edit_opportunity(by=cast.alice, pk=edited.pk, changes={"amount": "70000", "competitor": "Rivals"})
    close_lost(by=cast.alice, pk=lost.pk, reason_code="price", **ENDED)
    of_bob, foreign = open_deal(cast, by="bob"), open_deal(cast, by="bob")
    return [plain, edited, lost, of_bob, foreign]


TO_SAM = {"owner": "sam"}
CASES: list[tuple[Callable[[Cast], Made], str, str, dict[str, Any]]] = [
    (of_leads, "alice", "edit", {"company": "Orchard Ltd", "industry": "retail"}),
    (of_leads, "alice", "edit", {"industry": "other", "employees": "12"}),
    (of_leads, "alice", "edit", {"company": "Orchard", "campaign": "9999"}),
    (of_leads, "rita", "edit", {"country": "DE", "phone": "030 123456"}),
    (of_leads, "mona", "reassign", TO_SAM),
    (of_leads, "mona", "reassign", {}),
    (of_leads, "alice", "disqualify", {"disposition": "student", "note": "At school"}),
    (of_accounts, "rita", "edit", {"employees": "40", "description": "Apples"}),
    (of_accounts, "rita", "edit", {"industry": "other", "annual_revenue": "-4"}),
    (of_accounts, "alice", "edit", {"phone": "+1 512 555 0100"}),
    (of_accounts, "rita", "edit", {"country": "DE", "inherit_ownership": "true"}),
    (of_accounts, "rita", "assign", TO_SAM),
    (of_contacts, "alice", "edit", {"title": "Grower", "country": "BE"}),
    (of_contacts, "alice", "edit", {"time_zone": "Mars/North", "status": "tombstone"}),
    (of_contacts, "rita", "assign", TO_SAM),
    (of_contacts, "rita", "assign", {}),
    (of_deals, "alice", "edit", {"close_date": "2027-11-01", "slip_reason": "buyer_delayed"}),
    (of_deals, "alice", "edit", {"close_date": "2027-11-01", "amount": "-1"}),
    (of_deals, "alice", "edit", {"close_date": "2027-02-01", "competitor": "Rivals"}),
    (of_deals, "mona", "edit", {"forecast_category": "commit"}),
    (of_deals, "alice", "edit", {"stage": "discovery", "stage_reason": ADVANCE, "competitor": "Rivals"}),
    (of_deals, "mona", "assign", TO_SAM),
    (of_deals, "alice", "move_stage", {"to": "discovery", "reason_code": ADVANCE}),
]


@pytest.mark.parametrize(("make", "by", "deed", "values"), CASES)
def test_in_bulk_is_as_one_by_one(
    cast: Cast, make: Callable[[Cast], Made], by: str, deed: str, values: dict[str, Any]
) -> None:
    given = {name: str(cast.sam.pk) if text == "sam" else text for name, text in values.items()}
    many, single = make(cast), make(cast)
    label, person = many[0]._meta.label_lower, cast.people[by]
    run = finish(ask(person, [one.pk for one in many], given, deed=deed, kind=label))
    found = deeds.find(label, deed)
    told = {item.record_id: item for item in run.items.all()}
    in_bulk = [
        (str(told[one.pk].outcome), plain(told[one.pk].findings, one.pk), *evidence(one)) for one in many
    ]
    one_by_one = [(*alone(found, person, one, given), *evidence(one)) for one in single]
    assert in_bulk == one_by_one


def alone(deed: deeds.Deed, by: Any, record: Any, given: dict[str, Any]) -> tuple[str, list[Any]]:
    """Do the deed to one record, and return what became of it in the words of a run."""
    before = OutboxEvent.objects.count(), OwnershipInterval.objects.count(), record.version
    findings: Sequence[Finding] = ()
    try:
        deed.run(by=by, pk=record.pk, given=given, version=None, reason=WHY)
        type(record).objects.get(pk=record.pk)
        after = (
            OutboxEvent.objects.count(),
            OwnershipInterval.objects.count(),
            type(record).objects.get(pk=record.pk).version,
        )
        outcome = "changed" if before != after else "unchanged"
    except ObjectDoesNotExist:
        outcome, findings = "denied", [unseen(deed.kind, record.pk)]
    except access.Forbidden as denial:
        outcome, findings = "denied", [weighing.forbidden(str(denial))]
    except Blocked as refused:
        outcome, findings = "refused", refused.findings
    return outcome, plain([finding.as_json() for finding in findings], record.pk)


def plain(findings: Sequence[dict[str, Any]], pk: int) -> list[Any]:
    """Return findings without the number of their own record."""
    return [
        [finding["code"], finding["field"], finding["message"].replace(f"'{pk}'", "#"), finding["needed"]]
        for finding in findings
    ]


def evidence(record: Any) -> tuple[Any, ...]:
    """Return what is stored about a record: columns, versions with their reasons, events, owners."""
    model = type(record)
    names = [one.attname for one in canonical.tracked_fields(model) if one.attname not in OWN]
    stored = model.objects.filter(pk=record.pk).values_list(*names).get()
    history: Any = history_model(model)
    versions = history.objects.filter(id=record.pk).order_by("version")
    label = model._meta.label_lower
    events = OutboxEvent.objects.filter(subject_type=label, subject_id=record.pk).order_by("subject_seq")
    owners = OwnershipInterval.objects.filter(record_type=label, record_id=record.pk).order_by("pk")
    return (
        dict(zip(names, stored, strict=True)),
        list(versions.values_list("version", "history_change__reason", "history_change__action")),
        list(events.values_list("type", "payload")),
        [
            (
                one.owner_id,
                one.queue_id,
                one.role,
                one.explicit,
                one.reason_code,
                one.note,
                one.active_to is None,
            )
            for one in owners
        ],
    )


# What two records differ in because they are two, or were written at two instants.
OWN = frozenset({"id", "created_at", "updated_at", "account_id", "parent_id", "ultimate_parent_id"}) | {
    "opened_at",
    "stage_since",
    "closed_at",
    "last_buyer_activity_at",
    "next_step_task_id",
}
