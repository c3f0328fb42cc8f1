"""Leads of two years: people whom marketing brought, most of them at companies that nobody knows yet.

Those that are converted come from companies in the books, so that no account comes up beside the planned ones.
"""

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from accounts.enums import LeadStatus
from revops.demo.plan.companies import DAYS, REGIONS, companies
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
    begins = timedelta(days=1 + number * (DAYS - 2) / COUNT, minutes=chance.randrange(300))
    statuses, weights = zip(*STATES, strict=True)
    status = LeadStatus.NEW if begins > timedelta(days=DAYS - 5) else chance.choices(statuses, weights)[0]
    known = [one for one in companies() if one.begins < begins and one.spelling_of is None]
    if status == LeadStatus.CONVERTED and known:
        firm = chance.choice(known)
        company, host, owner, country = firm.name, firm.domain, firm.owner, firm.country
    else:
        status = LeadStatus.WORKING if status == LeadStatus.CONVERTED else status
        company = f"{PLACES[number % len(PLACES)]} {list(KINDS)[number // len(PLACES) % len(KINDS)]}"
        host = f"{company.lower().replace(' ', '')}-group.com"
        owners, places = chance.choice(list(REGIONS.values()))
        owner, country = chance.choice(owners), chance.choice(places)[0]
    plain = "".join(letter for letter in f"{first}.{last}".lower() if letter.isascii() and letter not in "’ ")
    return Lead(
        first_name=first,
        last_name=last,
        title=TITLES[number % len(TITLES)][0],
        company=company,
        email=f"{plain}{number}@{host}",
        country=country,
        source=chance.choice(SOURCES),
        employees=int(10 ** chance.uniform(1.2, 4)),
        owner=owner,
        begins=begins,
        status=status,
    )
