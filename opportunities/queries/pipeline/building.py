"""The rows of a team's open pipeline as it stands at one instant. Source: d2, weekly pipeline review export."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Case, F, Q, Value, When

from opportunities.enums import OPEN
from opportunities.metrics import conditions
from opportunities.models import Opportunity
from revops.kernel.gates import debts
from revops.kernel.packets.models import Obligation
from revops.kernel.policies import facts

LABEL = "opportunities.opportunity"
# What a frozen row holds, in order, and how each column is called.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("number", "Number"),
    ("name", "Deal"),
    ("account", "Account"),
    ("owner", "Owner"),
    ("stage", "Stage"),
    ("category", "Category"),
    ("amount", "Amount"),
    ("currency", "Currency"),
    ("close_date", "Close date"),
    ("next_step", "Next step"),
    ("next_step_on", "Next step on"),
    ("engaged_on", "Economic buyer last engaged"),
    ("risk", "Risk"),
    ("flags", "Flags"),
    ("change", "Since last week"),
)
IDLE, OVERDUE, PAST, AGED, DEBT = (
    "idle > 30 days",
    "next step overdue",
    "past its close date",
    "too long in its stage",
    "owes a criterion",
)
Row = dict[str, Any]


class Asked:
    """What every team's rows ask at one instant: the conditions of the flags, compiled once."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        today = conditions.today(now)
        self.flags: dict[str, Q] = {
            IDLE: conditions.silent_for_long(now),
            OVERDUE: Q(next_step_on__lt=today),
            PAST: Q(close_date__lt=today),
            AGED: conditions.too_long_in_stage(now),
        }
        by_path = facts.get(LABEL).by_path
        self.columns = {
            "engaged": by_path["opportunity.economic_buyer_engaged_at"].expression,
            "risks": by_path["opportunity.meddicc_risks"].expression,
            "mitigated": by_path["opportunity.risk_mitigation"].expression,
        }


def rows(team: int, asked: Asked) -> list[Row]:
    """Return a row for each open deal of a team, by deal; three statements, whatever their number."""
    flagged = {
        f"flag{n}": Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
        for n, condition in enumerate(asked.flags.values())
    }
    deals = (
        Opportunity.objects.filter(team=team, stage__in=OPEN, tombstone_of__isnull=True)
        .annotate(account_name=F("account__name"), owner_name=F("owner__name"), **asked.columns, **flagged)
        .order_by("pk")
        .values(*_READ, *asked.columns, *flagged)
    )
    found = list(deals)
    owing = debts.owing(LABEL, [deal["pk"] for deal in found]) if found else {}
    answers = _mitigations(deal["mitigated"] for deal in found)
    names = list(asked.flags)
    return [_row(deal, names, deal["pk"] in owing, answers) for deal in found]


_READ = (
    "pk",
    "name",
    "account_name",
    "owner_name",
    "stage",
    "forecast_category",
    "amount",
    "currency",
    "close_date",
    "next_step",
    "next_step_on",
)


def _mitigations(ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {pk for pk in ids if pk is not None}
    rows = Obligation.objects.filter(pk__in=wanted).values("pk", "owner__name", "due_on", "state")
    told = {}
    for row in rows if wanted else ():
        until = row["due_on"].isoformat() if row["due_on"] else "no day"
        told[row["pk"]] = f"{row['owner__name'] or 'a queue'} until {until} ({row['state']})"
    return told


def _row(deal: Row, names: Sequence[str], owes: bool, answers: dict[int, str]) -> Row:
    flags = [name for n, name in enumerate(names) if deal[f"flag{n}"]]
    return {
        "id": deal["pk"],
        "number": f"OPP-{deal['pk']:06d}",
        "name": deal["name"],
        "account": deal["account_name"],
        "owner": deal["owner_name"] or "",
        "stage": deal["stage"],
        "category": deal["forecast_category"],
        "amount": spelled(deal["amount"]),
        "currency": deal["currency"],
        "close_date": deal["close_date"].isoformat(),
        "next_step": deal["next_step"],
        "next_step_on": deal["next_step_on"].isoformat() if deal["next_step_on"] else "",
        "engaged_on": conditions.today(deal["engaged"]).isoformat() if deal["engaged"] else "",
        "risk": _risk(deal, answers),
        "flags": [*flags, DEBT] if owes else flags,
    }


def _risk(deal: Row, answers: dict[int, str]) -> str:
    """Say whether the biggest risk is logged, and who answers it; its words stay with the deal."""
    if not deal["risks"]:
        return "none logged"
    return answers.get(deal["mitigated"] or 0, "logged, without a mitigation")


def spelled(amount: Decimal | None) -> str:
    """Return an amount the same way on every engine: without zeros at its end."""
    return "" if amount is None else format(amount.normalize(), "f")
