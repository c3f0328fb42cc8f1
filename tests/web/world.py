"""One record of every type with pages, and one of everything that stands around it, all before Alice's eyes."""

from datetime import timedelta
from itertools import count, cycle
from typing import Any

from accounts.actions import (
    add_domain,
    add_email,
    add_phone,
    assign_account,
    create_account,
    create_campaign,
    create_contact,
    create_lead,
    create_product,
    edit_activity,
    edit_campaign,
    edit_product,
    log_activity,
    schedule_meeting,
    set_attendees,
)
from governance.actions import council, rfcs
from opportunities.actions import add_contact_role
from opportunities.actions.activities import log_activity as log_on_deal
from opportunities.actions.evidence import add_evidence, correct_evidence
from opportunities.actions.inspecting import inspect
from opportunities.actions.reviewing import agree, freeze
from opportunities.models import PipelineReview
from opportunities.policies.deal_desk import DEAL_DESK
from revops.kernel import audit, clocks, sla
from revops.kernel.approvals.models import ApprovalCandidate, ApprovalRequest, ApprovalStep
from revops.kernel.gates.debts import GRACE
from revops.kernel.gates.exceptions import actions as exceptions
from revops.kernel.packets.actions import Subject, open_packet, save_packet
from revops.kernel.policies.actions import draft_version
from revops.kernel.records import registry
from revops.kernel.records.work.exceptions.forms import request as request_exception
from revops.kernel.records.work.tasks.forms import create_task, edit_task
from tests.cast import Cast
from tests.kernel.gates.waivers import use
from tests.opportunities.conftest import open_deal
from tests.web.conftest import made


class World:
    """Makes records that Alice sees, each different from the last, and puts one of everything around one."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.alice = cast, cast.alice
        self._numbers = count(1)
        self._holders = cycle((cast.carla, cast.lena, cast.amy))

    def number(self) -> int:
        return next(self._numbers)

    def account(self) -> Any:
        """An account of Alice's under another one that she does not see, each under its own."""
        number = self.number()
        parent = made(self.cast.rita, name=f"Group {number}", owner=str(self.cast.carla.pk))
        values = {
            "name": f"Acme {number}",
            "domain": f"acme{number}.com",
            "country": "US",
            "parent": parent.pk,
            "owner": self.alice.pk,
        }
        return create_account(by=self.cast.rita, values=values)

    def contact(self, account: Any = None) -> Any:
        values = {"last_name": f"Berg {self.number()}", "account": (account or self.account()).pk}
        return create_contact(by=self.alice, values=values)

    def lead(self, account: Any = None) -> Any:
        """A lead that matches an account by the domain of its address."""
        matched, number = account or self.account(), self.number()
        values = {
            "last_name": f"Roe {number}",
            "company": "Roe",
            "email": f"r{number}@{matched.primary_domain}",
        }
        lead = create_lead(by=self.alice, values=values | {"source_original": "web"})
        assert lead.matched_account_id == matched.pk
        return lead

    def deal(self) -> Any:
        return open_deal(self.cast, account=self.account())

    def evidence(self) -> Any:
        """What a buyer of Alice's said, waiting for her manager."""
        deal = self.deal()
        values = {
            "kind": "problem_statement",
            "statement": f"We lose {self.number()} days a month to this",
            "stated_by": self.contact(deal.account).pk,
            "url": "https://files.example/mail",
        }
        return add_evidence(by=self.alice, pk=deal.pk, values=values)

    def around_evidence(self, evidence: Any) -> None:
        changes = {"statement": f"We lose {self.number()} days a month to this"}
        correct_evidence(by=self.alice, pk=evidence.pk, changes=changes)

    def inspection(self) -> Any:
        """An inspection of a deal of Alice's, by her manager."""
        return inspect(by=self.cast.mona, pk=self.deal().pk, values={"outcome": "keep", "changed": "no"})

    def review(self) -> Any:
        """The review of Alice's team in another week each time, with a deal of hers."""
        self.deal()
        freeze(clocks.now() + timedelta(days=7 * self.number()))
        return PipelineReview.objects.latest("week")

    def product(self) -> Any:
        number = self.number()
        return create_product(by=self.cast.rita, values={"name": f"Part {number}", "code": f"P{number}"})

    def campaign(self) -> Any:
        return create_campaign(
            by=self.cast.rita, values={"name": f"Spring {self.number()}", "channel": "event"}
        )

    def task(self, about: Any = None) -> Any:
        record = about or self.account()
        number = registry.get(record._meta.label_lower).number(record.pk)
        values = {"text": f"Task {self.number()}", "subject": number, "due_on": "2027-03-01"}
        return create_task(by=self.alice, values=values)

    def rfc(self) -> Any:
        """A request for change of Alice's with a draft that was simulated."""
        field = {"field": "contact.title", "code": f"CON-{self.number():03}"}
        draft = draft_version(
            by=self.cast.olga,
            key="accounts.required_fields_of_contacts",
            body={"fields": [field]},
            source_note="A test",
        )
        return rfcs.create_rfc(
            by=self.cast.olga, values={"title": f"Change {self.number()}", "drafts": str(draft.pk)}
        )

    def topic(self) -> Any:
        return council.create_item(by=self.alice, values={"topic": f"Topic {self.number()}"})

    def packet(self) -> Any:
        """A packet of Alice's about a deal of hers, half filled in."""
        deal = self.deal()
        about = Subject("opportunities.opportunity", deal.pk, f"OPP-{deal.pk:06d}")
        return open_packet(by=self.alice, template=DEAL_DESK, subject=about, values={"why": "They asked"})

    def clock(self, about: Any = None) -> Any:
        """A clock of Alice's: the time to put a lapsed exception right, another cycle each time it is asked for."""
        record = about or self.account()
        with audit.change(by=self.cast.rita, action="test.clock"):
            sla.cancel(record, GRACE)
            return sla.start(GRACE, record, owner=self.alice)

    def approval(self) -> Any:
        """An approval that Alice asked for, about an account of hers; Mona is asked."""
        number, account = self.number(), self.account()
        with audit.change(by=self.alice, action="test.submit"):
            asked = audit.write(
                ApprovalRequest(
                    purpose="tests.words",
                    title=f"Words {number}",
                    subject_type="accounts.account",
                    subject_id=account.pk,
                    subject_owner=self.alice,
                    snapshot={"words": str(number)},
                    submitter=self.alice,
                    submitted_at=clocks.now(),
                )
            )
            self._step(asked, 1)
        return asked

    def _step(self, asked: Any, seq: int) -> None:
        step = audit.write(
            ApprovalStep(request=asked, seq=seq, level=1, title="Words", mode="any", state="open")
        )
        audit.write(ApprovalCandidate(step=step, person=self.cast.mona))

    def exception(self) -> Any:
        """An exception that Alice asked for and Mona granted, about a deal of hers; used, and kept in a review."""
        values = {
            "policy_key": "opportunities.exit_criteria",
            "criterion_key": "budget_owner",
            "subject": f"OPP-{self.deal().pk:06d}",
            "justification": f"The buyer's budget owner is on leave, number {self.number()}.",
            "risk": "low",
            "expires_at": (clocks.now() + timedelta(days=29)).isoformat(),
        }
        held = request_exception(by=self.alice, values=values)
        held = exceptions.approve(by=self.cast.mona, pk=held.pk)
        self.around_exception(held)
        return held

    def activity(self) -> Any:
        contact = self.contact()
        return self.note(contact, account=contact.account_id)

    def note(self, contact: Any = None, **about: Any) -> Any:
        about |= {"contacts": [contact.pk]} if contact else {}
        return log_activity(
            by=self.alice, values={"kind": "note", "subject": f"Note {self.number()}", **about}
        )

    def meeting(self, **about: Any) -> dict[str, Any]:
        """Return the values of a meeting that lies ahead."""
        at = clocks.now() + timedelta(days=7)
        return {"kind": "meeting", "subject": f"Demo {self.number()}", "occurred_at": at.isoformat(), **about}

    def around_account(self, account: Any) -> None:
        self.clock(account)
        contact = self.contact(account)
        self.note(contact, account=account.pk)
        schedule_meeting(by=self.alice, values=self.meeting(account=account.pk, contacts=[contact.pk]))
        self.lead(account)
        self.task(account)
        open_deal(self.cast, account=account)
        add_domain(by=self.cast.rita, pk=account.pk, domain=f"also{self.number()}.com")
        create_account(by=self.cast.rita, values={"name": f"Part {self.number()}", "parent": account.pk})
        given = {"owner": next(self._holders), "role": "csm", "reason": "Knows their team best"}
        assign_account(by=self.cast.rita, pk=account.pk, **given)

    def around_contact(self, contact: Any) -> None:
        self.clock(contact)
        self.note(contact, account=contact.account_id)
        schedule_meeting(by=self.alice, values=self.meeting(contacts=[contact.pk]))
        self.task(contact)
        deal = open_deal(self.cast, account=contact.account)
        self.in_deal(deal, contact)
        add_email(by=self.alice, pk=contact.pk, email=f"b{self.number()}@berg.example")
        add_phone(by=self.alice, pk=contact.pk, phone=f"+1212555{1000 + self.number()}")

    def around_lead(self, lead: Any) -> None:
        self.clock(lead)
        self.note(lead=lead.pk)
        schedule_meeting(by=self.alice, values=self.meeting(lead=lead.pk))
        self.task(lead)

    def around_deal(self, deal: Any) -> None:
        self.clock(deal)
        contact = self.contact(deal.account)
        self.in_deal(deal, contact)
        note = {"kind": "note", "subject": f"Note {self.number()}", "contacts": [contact.pk]}
        log_on_deal(by=self.alice, pk=deal.pk, values=note)
        log_on_deal(by=self.alice, pk=deal.pk, values=self.meeting(outcome="planned"))
        self.task(deal)

    def in_deal(self, deal: Any, contact: Any) -> None:
        values = {"opportunity": deal.pk, "contact": contact.pk, "role": "user"}
        add_contact_role(by=self.alice, values=values)

    def around_activity(self, activity: Any) -> None:
        held = [row.contact_id for row in activity.attendees.order_by("pk")]
        set_attendees(by=self.alice, pk=activity.pk, contacts=[*held, self.contact(activity.account).pk])
        edit_activity(by=self.alice, pk=activity.pk, changes={"body": f"Words {self.number()}"})

    def around_task(self, task: Any) -> None:
        edit_task(by=self.alice, pk=task.pk, changes={"note": f"Words {self.number()}"})

    def around_exception(self, held: Any) -> None:
        """Let it be used once more, and kept in the review of another week."""
        use(self.cast, held)
        exceptions.open_reviews(clocks.now() + timedelta(days=7 * held.reviews.count()))
        exceptions.review(by=self.cast.rita, pk=held.pk, decision="keep", note="Still on leave")

    def around_clock(self, clock: Any) -> None:
        clock.refresh_from_db()
        sla.poll(clock.next_at)

    def around_packet(self, packet: Any) -> None:
        save_packet(by=self.alice, pk=packet.pk, values={"why": f"Words {self.number()}"})

    def around_approval(self, asked: Any) -> None:
        with audit.change(by=self.alice, action="test.ask"):
            self._step(asked, asked.steps.count() + 1)

    def around_rfc(self, rfc: Any) -> None:
        changes = {"training": f"Words {self.number()}"}
        rfcs.edit_rfc(by=self.cast.olga, pk=rfc.pk, changes=changes)

    def around_topic(self, item: Any) -> None:
        council.edit_item(by=self.alice, pk=item.pk, changes={"impact": f"Words {self.number()}"})

    def around_inspection(self, inspection: Any) -> None:
        """Nothing stands around an inspection but its own answers."""

    def around_review(self, review: Any) -> None:
        text = f"Call the buyer of {self.number()}"
        due_on = clocks.now().date() + timedelta(days=7)
        agree(by=self.cast.mona, pk=review.pk, text=text, owner=self.alice.pk, due_on=due_on)

    def around_product(self, product: Any) -> None:
        changes = {"description": f"Words {self.number()}"}
        edit_product(by=self.cast.rita, pk=product.pk, changes=changes)

    def around_campaign(self, campaign: Any) -> None:
        changes = {"description": f"Words {self.number()}"}
        edit_campaign(by=self.cast.rita, pk=campaign.pk, changes=changes)
