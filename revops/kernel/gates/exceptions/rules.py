"""How long exceptions may last and how often they may be renewed: the policy document `gates.exceptions`.

Defaults: spec c-defaults, `exception.max_life` and its companions.
"""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from revops.kernel import policies
from revops.kernel.audit import Blocked, Finding
from revops.kernel.gates.exceptions.enums import Risk
from revops.kernel.policies.documents import Body, Part, PolicyDocument, register
from revops.kernel.policies.resolving import InForce
from revops.kernel.policies.rules.problems import RuleError

KEY = "gates.exceptions"
Days = Annotated[int, Field(ge=1, le=366)]


class Life(Part):
    """The longest term in days, by risk."""

    low: Days
    med: Days
    high: Days


class ExceptionRules(Body):
    """What an exception may be: the days of a term, how many renewals, how many may be open for one record."""

    max_days: Life
    renewals: Annotated[int, Field(ge=0, le=12)]
    open_per_subject: Annotated[int, Field(ge=1, le=20)]
    warn_days: Annotated[tuple[Days, Days], Field(strict=False)]

    def life(self, risk: str) -> timedelta:
        """Return the longest term at this risk; an unknown risk counts as high."""
        return timedelta(days=getattr(self.max_days, risk if risk in Risk.values else Risk.HIGH))

    def lines(self) -> list[str]:
        days, first = self.max_days, self.warn_days
        return [
            f"An exception lasts at most {days.low} days at low risk, {days.med} at medium, {days.high} at high risk.",
            f"It is renewed at most {self.renewals} times; after that the rule itself is changed by a request.",
            f"At most {self.open_per_subject} exceptions are open for one record at a time.",
            f"Its owner is told {first[0]} days and {first[1]} day before it ends.",
        ]


EXCEPTIONS = register(
    PolicyDocument(
        key=KEY,
        title="Exceptions",
        body=ExceptionRules,
        default={
            "max_days": {"low": 30, "med": 30, "high": 14},
            "renewals": 2,
            "open_per_subject": 2,
            "warn_days": [7, 1],
        },
        source="exception.max_life low-med / high / renewals of the defaults; two open ones a record are our own.",
        help="How long somebody may be excused from a rule, and how often that may be renewed.",
        unsimulated="Exceptions that were granted keep their end; a version holds for those asked for after it.",
    )
)


def in_force(at: datetime) -> tuple[InForce, ExceptionRules]:
    """Return the rules in force. Raises Blocked where they cannot be read: then nothing is excused anew."""
    held = policies.get(KEY, at=at)
    try:
        body = held.body
    except RuleError as error:
        raise Blocked([_broken(held, error)]) from None
    if not isinstance(body, ExceptionRules):
        raise TypeError(f"{KEY} holds no rules of exceptions.")
    return held, body


def _broken(held: InForce, error: RuleError) -> Finding:
    message = (
        f"The rule {held.ref} cannot be read ({error.problems[0]}), so nothing is excused anew. Revenue operations "
        "mends it or puts the version before in force again."
    )
    return Finding("EXC-020", message, rule=held.key, rule_version=held.n, needed="a rule that fits")
