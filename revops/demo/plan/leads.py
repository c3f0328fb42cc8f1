"""Leads of two years: people whom marketing brought, most of them at companies that nobody knows yet."""

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from accounts.enums import LeadStatus
from revops.demo.plan.companies import DAYS, REGIONS
from revops.demo.words import FAMILY_NAMES, GIVEN_NAMES, KINDS, SOURCES, TITLES

COUNT = 500
STATES = (
    (LeadStatus.NEW, 20),
    (LeadStatus.WORKING, 25),
    (LeadStatus.NURTURE, 20),
    (LeadStatus.RECYCLED, 10),
    (LeadStatus.DISQUALIFIED, 15),
    (LeadStatus.CONVERTED, 10),
)
PLACES = (
    "Alder",
    "Birch",
    "Cedar",
    "Dover",
    "Elm",
    "Fenwick",
    "Glen",
    "Hazel",
    "Isle",
    "Jasper",
    "Kestrel",
    "Larch",
)


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead to be, and the status it has come to."""

    first_name: str
    last_name: str
    title: str
    company: str
    email: str
    country: str
    source: str
    employees: int
    owner: str
    begins: timedelta
    status: LeadStatus


@cache
def leads() -> tuple[Lead, ...]:
    """Return all leads, in the order in which they come."""
    chance = random.Random(4)  # noqa: S311 - the demo is the same every time
    return tuple(_lead(number, chance) for number in range(COUNT))


def _lead(number: int, chance: random.Random) -> Lead:
    first, last = GIVEN_NAMES[number % len(GIVEN_NAMES)], FAMILY_NAMES[number * 5 % len(FAMILY_NAMES)]
    kind = list(KINDS)[number // len(PLACES) % len(KINDS)]
    company = f"{PLACES[number % len(PLACES)]} {kind}"
    host = company.lower().replace(" ", "")
    plain = "".join(letter for letter in f"{first}.{last}".lower() if letter.isascii() and letter not in "’ ")
    owners, places = chance.choice(list(REGIONS.values()))
    statuses, weights = zip(*STATES, strict=True)
    begins = timedelta(days=1 + number * (DAYS - 2) / COUNT, minutes=chance.randrange(300))
    late = begins > timedelta(days=DAYS - 5)
    return Lead(
        first_name=first,
        last_name=last,
        title=TITLES[number % len(TITLES)][0],
        company=company,
        email=f"{plain}{number}@{host}.example.com",
        country=chance.choice(places)[0],
        source=chance.choice(SOURCES),
        employees=int(10 ** chance.uniform(1.2, 4)),
        owner=chance.choice(owners),
        begins=begins,
        status=LeadStatus.NEW if late else chance.choices(statuses, weights)[0],
    )
