"""Policy documents of the accounts domain, with the defaults that are shipped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Literal

from django.db.models import Case, CharField, Value, When
from django.db.models.expressions import Combinable
from pydantic import Field

from accounts.enums import Segment
from accounts.facts import ACCOUNT, CONTACT, LEAD
from accounts.models import Account, Contact, Lead
from revops.kernel import clocks, policies
from revops.kernel.audit import Finding
from revops.kernel.policies import documents, required, rules
from revops.kernel.policies.bodies import RuleBody
from revops.kernel.policies.documents import Part, PolicyDocument, Simulation
from revops.kernel.policies.enums import Mode
from revops.kernel.policies.facts import FactSchema
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules import Outcome, Rule
from revops.kernel.policies.rules.problems import Problems

_CUSTOMER = {"f": "account.status", "op": "eq", "v": "customer"}

REQUIRED = required.document(
    key="accounts.required_fields",
    title="Required fields of accounts",
    record_type="accounts.account",
    source="Data dictionary, Account: R@customer, R@routing",
    fields=(
        {"field": "account.legal_name", "when": _CUSTOMER, "code": "ACC-006"},
        {"field": "account.billing_account_ext", "when": _CUSTOMER, "code": "ACC-006"},
        {"field": "account.clm_party_ext", "when": _CUSTOMER, "mode": "observe", "code": "ACC-016"},
        {"field": "account.country", "mode": "observe", "code": "ACC-017"},
        {"field": "account.territory", "mode": "observe", "code": "ACC-018"},
    ),
)

REQUIRED_OF_CONTACTS = required.document(
    key="accounts.required_fields_of_contacts",
    title="Required fields of contacts",
    record_type="accounts.contact",
    source="Data dictionary, Contact: R@outreach",
    fields=({"field": "contact.country", "mode": "observe", "code": "CON-019"},),
)

_NO_NUMBER = {"all": [{"f": "lead.phone", "op": "is_null"}, {"f": "lead.mobile_phone", "op": "is_null"}]}

REQUIRED_OF_LEADS = required.document(
    key="accounts.required_fields_of_leads",
    title="Required fields of leads",
    record_type="accounts.lead",
    source="Own: whoever cannot be reached cannot be answered",
    fields=(
        {"field": "lead.email", "when": _NO_NUMBER, "code": "LEA-004"},
        {"field": "lead.country", "mode": "observe", "code": "LEA-019"},
    ),
)

# The required fields of each record type: the key of the policy, and the facts that it reads.
_REQUIRED: Mapping[str, tuple[str, FactSchema]] = {
    "accounts.account": (REQUIRED.key, ACCOUNT),
    "accounts.contact": (REQUIRED_OF_CONTACTS.key, CONTACT),
    "accounts.lead": (REQUIRED_OF_LEADS.key, LEAD),
}


class SegmentRule(Part):
    """A segment and the condition under which an account falls into it. Strategic is set by hand alone."""

    segment: Literal["SMB", "MM", "ENT"]
    when: dict[str, Any]


class SegmentBody(RuleBody):
    """Segments in order: the first whose condition is true is the account's, else `otherwise`."""

    record_type: ClassVar[str] = "accounts.account"

    segments: tuple[SegmentRule, ...] = Field(min_length=1, max_length=20, strict=False)
    otherwise: Literal["SMB", "MM", "ENT"]

    @cached_property
    def parsed(self) -> tuple[tuple[Segment, Rule], ...]:
        """Return the segments with their parsed rules. Raises RuleError with every problem."""
        problems, found = Problems(), []
        self.check_named(problems)
        for number, one in enumerate(self.segments):
            at = f"/segments/{number}/when"
            rule = self.try_rule(one.when, at, problems)
            if rule is not None:
                found.append((Segment(one.segment), rule))
                for path in rule.paths:
                    if path not in ACCOUNT.by_path or not ACCOUNT.by_path[path].in_hand:
                        what = "A segment is decided before the account is stored"
                        problems.add(at, what, path, "facts that the account itself carries")
        problems.raise_any()
        return tuple(found)

    def check(self) -> None:
        """Parse every condition. Raises RuleError with every problem."""
        _ = self.parsed

    def lines(self) -> list[str]:
        """Return the segments in words, in their order."""
        told = [f"{segment.label} when {rules.describe(rule.root)}" for segment, rule in self.parsed]
        return [*told, f"{Segment(self.otherwise).label} otherwise"]


def _simulated(policy: InForce, now: datetime) -> Combinable:
    """Return the segment of an account by a version, in SQL."""
    body = _segments(policy)
    whens = [When(rules.to_q(rule, now), then=Value(str(segment))) for segment, rule in body.parsed]
    return Case(*whens, default=Value(body.otherwise), output_field=CharField())


def _at_least(param: str) -> dict[str, Any]:
    return {"f": "account.employees", "op": "gte", "v": {"param": param}}


# DEF-1: ENT from 1,000 employees, MM from 100, else SMB; STRAT is only ever set by hand.
SEGMENT = documents.register(
    PolicyDocument(
        key="accounts.segment",
        title="Segment of an account",
        body=SegmentBody,
        default={
            "params": {"enterprise_from": 1_000, "mid_market_from": 100},
            "segments": [
                {"segment": "ENT", "when": _at_least("enterprise_from")},
                {"segment": "MM", "when": _at_least("mid_market_from")},
            ],
            "otherwise": "SMB",
        },
        source="DEF-1",
        simulation=Simulation(
            "accounts.account",
            rows=lambda: Account.objects.exclude(segment=Segment.STRAT),
            outcome=_simulated,
            words=lambda segment: str(Segment(segment).label),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Segmenter:
    """The segment rules in force at one instant: looked up once, asked for as many accounts as there are."""

    policy: InForce
    body: SegmentBody
    at: datetime

    def of(self, account: Account) -> Segment:
        """Return the segment of an account by its own values, saved or not; an unknown condition does not match."""
        for segment, rule in self.body.parsed:
            facts = ACCOUNT.of(account, rule.paths)
            if rules.evaluate(rule, facts, self.at).outcome == Outcome.TRUE:
                return segment
        return Segment(self.body.otherwise)


def segmenter(at: datetime | None = None) -> Segmenter:
    """Return the segment rules in force at `at`, by default now."""
    instant = at or clocks.now()
    policy = policies.get_sound("accounts.segment", at=instant)
    return Segmenter(policy, _segments(policy), instant)


def _segments(policy: InForce) -> SegmentBody:
    if not isinstance(policy.body, SegmentBody):
        raise TypeError(f"{policy.ref} is no segment policy.")
    return policy.body


def newly_missing(record: Account | Contact | Lead, changes: Mapping[str, Any]) -> list[Finding]:
    """Return the required fields that a record would lack after `changes` and does not lack before.

    What was missing already stays a debt that the lists show; it does not block a write that leaves it as it is.
    """
    key, schema = _REQUIRED[record._meta.label_lower]
    policy, now = policies.get_sound(key), clocks.now()
    paths = required.paths(policy, mode=Mode.ENFORCE)
    after = schema.of(record, paths, changes=changes)
    missing = required.missing(policy, after, now, mode=Mode.ENFORCE)
    if not missing or record._state.adding:
        return [one.finding for one in missing]
    before = required.missing(policy, schema.of(record, paths), now, mode=Mode.ENFORCE)
    known = {one.field for one in before}
    return [one.finding for one in missing if one.field not in known]
