"""Load the demo company through the actions, once, the same every time."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings

from accounts.actions import assign_account, create_account
from accounts.enums import Industry
from accounts.models import Account
from revops.demo.cast import PARTS, PASSWORD, TEAMS
from revops.kernel import clocks
from revops.kernel.clocks import calendars, fiscal
from revops.kernel.identity.models import User
from revops.kernel.people import actions
from revops.kernel.people.enums import OwnerRole
from revops.kernel.people.models import Queue, Team

WORDS = [
    "Northwind",
    "Harbor",
    "Cobalt",
    "Summit",
    "Juniper",
    "Orchard",
    "Falcon",
    "Meridian",
    "Granite",
    "Lumen",
    "Cascade",
    "Beacon",
    "Sterling",
    "Aurora",
    "Quarry",
    "Willow",
    "Vertex",
    "Prairie",
    "Anchor",
    "Ember",
    "Crescent",
    "Atlas",
    "Pioneer",
    "Saffron",
    "Delta",
    "Halcyon",
    "Ironwood",
    "Keystone",
    "Lattice",
    "Monarch",
]
KINDS = ["Logistics", "Systems", "Foods", "Energy", "Health", "Retail", "Mining", "Media", "Bank", "Labs"]
INDUSTRIES = (
    Industry.TRANSPORTATION, Industry.TECHNOLOGY, Industry.FOOD_BEVERAGE, Industry.ENERGY, Industry.HEALTHCARE,
    Industry.RETAIL, Industry.MANUFACTURING, Industry.MEDIA, Industry.BANKING, Industry.BIOTECHNOLOGY,
)  # fmt: skip
COUNTRIES = {"alice": "US", "bob": "US", "charlie": "US", "sam": "CA", "eva": "DE"}
ACCOUNTS = 120


def is_loaded() -> bool:
    """Say whether the demo company is here already (or somebody else's company is)."""
    return bool(User.objects.filter(kind="person").exists())


def load() -> int:
    """Write people, teams and accounts of the last two years; return the number of accounts."""
    begin = clocks.now().replace(hour=14, minute=0, second=0, microsecond=0) - timedelta(days=730)
    with clocks.at(begin):
        people = _organisation()
        _calendars(begin)
    chance = random.Random(2026)  # noqa: S311 - the demo is the same every time
    made: list[Account] = []
    for number in range(ACCOUNTS):
        moment = begin + timedelta(days=1 + number * 6, minutes=chance.randrange(480))
        with clocks.at(min(moment, clocks.now())):
            made.append(_account(number, people, made, chance))
    return len(made)


def _organisation() -> dict[str, User]:
    """Create the people with their roles, then teams, reporting lines and queues."""
    admin = actions.bootstrap_admin(email=PARTS[0].email, name=PARTS[0].name, password=PASSWORD)
    people = {"admin": admin}
    for part in PARTS[1:]:
        people[part.key] = actions.create_user(
            by=admin, email=part.email, name=part.name, roles=[part.role], password=PASSWORD
        )
    teams: dict[str, Team] = {}
    for name, parent, manager in TEAMS:
        teams[name] = actions.create_team(
            by=admin, name=name, parent=teams.get(parent), manager=people[manager]
        )
    for part in PARTS:
        if part.team:
            actions.move_to_team(by=admin, user=people[part.key], team=teams[part.team])
        if part.manager:
            actions.set_manager(by=admin, user=people[part.key], manager=people[part.manager])
    rita = people["rita"]
    members = [rita, people["olga"]]
    queue: Queue = actions.create_queue(
        by=rita, name="Unassigned", key="unassigned", team=teams["Operations"], members=members
    )
    for code, owner in {"NA-ENT-ALL": "alice", "NA-MM-ALL": "charlie", "EMEA-ALL": "eva"}.items():
        actions.create_territory(by=rita, code=code, name=code.replace("-", " "), default_owner=people[owner])
    actions.create_territory(by=rita, code="ROW", name="Rest of the world", default_queue=queue)
    return people


def _calendars(begin: datetime) -> None:
    """Set up the business calendar and the fiscal periods of four years."""
    week = {str(day): [[9 * 60, 17 * 60]] for day in range(5)}
    calendars.revise(key="default", tz=settings.ORG_TIME_ZONE, weekly=week, effective_from=begin)
    for year in range(begin.year, begin.year + 4):
        fiscal.define(fiscal.month_year(year, date(year, 1, 1)))


def _account(number: int, people: dict[str, User], made: list[Account], chance: random.Random) -> Account:
    """Create one account of the demo, by a rep or by operations, some of them subsidiaries."""
    name = f"{WORDS[number % len(WORDS)]} {KINDS[number // len(WORDS) * 3 % len(KINDS)]}"
    owner = chance.choice(list(COUNTRIES))
    employees = int(10 ** chance.uniform(1.2, 4.2))
    values = {
        "name": name,
        "domain": f"{name.lower().replace(' ', '-')}.com",
        "industry": INDUSTRIES[number % len(INDUSTRIES)],
        "employees": employees,
        "annual_revenue": Decimal(employees * chance.randrange(90, 260) * 1_000),
        "country": COUNTRIES[owner],
        "website": f"https://www.{name.lower().replace(' ', '-')}.com",
        "description": f"{name} asked for a demonstration of revenue reporting.",
    }
    if number % 10 == 9:
        subsidiary = {**values, "parent": made[number - 9].pk, "name": f"{name} Group"}
        return create_account(by=people["rita"], values=subsidiary)
    account = create_account(by=people[owner], values=values)
    if number % 5 == 2:
        reason = "Customer success takes over after the first order"
        assign_account(
            by=people["rita"], pk=account.pk, owner=people["carla"], role=OwnerRole.CSM, reason=reason
        )
    return account
