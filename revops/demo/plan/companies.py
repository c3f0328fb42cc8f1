"""Companies and the people who work there; seventeen in a hundred stand in the books twice or three times."""

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from accounts.enums import Department, Industry, Seniority
from revops.demo.words import FAMILY_NAMES, FIRST_WORDS, GIVEN_NAMES, KINDS, TITLES

DAYS = 730
ACCOUNTS = 300
# GT23 counts accounts in clusters of two or more: 24 pairs and a triple are 51 of 300.
PAIRS, TRIPLES = 24, 1
REGIONS = {
    "East": (("alice", "bob"), (("US", "New York"), ("US", "Atlanta"), ("CA", "Toronto"))),
    "West": (("charlie",), (("US", "Denver"), ("US", "Seattle"), ("MX", "Monterrey"))),
    "EMEA": (("eva",), (("DE", "Berlin"), ("FR", "Lyon"), ("GB", "Leeds"))),
}


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody at a company."""

    first_name: str
    last_name: str
    title: str
    seniority: Seniority
    department: Department
    email: str


@dataclass(frozen=True, slots=True)
class Company:
    """An account to be: `spelling_of` is the index of the company that it is another spelling of."""

    index: int
    name: str
    domain: str
    industry: Industry
    employees: int
    region: str
    country: str
    city: str
    owner: str
    begins: timedelta
    contacts: tuple[Contact, ...]
    spelling_of: int | None = None
    parent: int | None = None


@cache
def companies() -> tuple[Company, ...]:
    """Return all companies, in the order in which they come into the books."""
    chance = random.Random(2026)  # noqa: S311 - the demo is the same every time
    originals = ACCOUNTS - PAIRS - 2 * TRIPLES
    made = [_original(number, originals, chance) for number in range(originals)]
    twice = sorted(chance.sample(range(originals), PAIRS + TRIPLES))
    spellings = [(number, 0) for number in twice] + [(number, 1) for number in twice[:TRIPLES]]
    for number, variant in spellings:
        made.append(_spelling(len(made), made[number], variant, chance))
    return tuple(made)


def clusters() -> list[list[str]]:
    """Return the names that stand for one company, cluster by cluster: what deduplication has to find."""
    found: dict[int, list[str]] = {}
    for company in companies():
        if company.spelling_of is not None:
            found.setdefault(company.spelling_of, [companies()[company.spelling_of].name]).append(
                company.name
            )
    return [found[index] for index in sorted(found)]


# A company of this size buys by several people, and its exit criteria ask for so many of them.
LARGE, LARGE_KNOWS = 1_000, 3


def _original(number: int, count: int, chance: random.Random) -> Company:
    kinds = list(KINDS)
    kind = kinds[(number // len(FIRST_WORDS) * 3 + number) % len(kinds)]
    name = f"{FIRST_WORDS[number % len(FIRST_WORDS)]} {kind}"
    domain = f"{name.lower().replace(' ', '-')}.com"
    region = chance.choice(list(REGIONS))
    owners, places = REGIONS[region]
    country, city = chance.choice(places)
    parent = number - 9 if number % 20 == 19 else None
    return Company(
        index=number,
        name=name,
        domain=domain,
        industry=KINDS[kind],
        employees=(staff := int(10 ** chance.uniform(1.2, 4.2))),
        region=region,
        country=country,
        city=city,
        owner=chance.choice(owners),
        begins=timedelta(days=2 + number * (DAYS - 130) / count, minutes=chance.randrange(400)),
        contacts=tuple(
            _contact(number, place, domain, chance)
            for place in range(max(chance.choice((1, 2, 2, 3)), LARGE_KNOWS if staff >= LARGE else 1))
        ),
        parent=parent,
    )


def _contact(number: int, place: int, domain: str, chance: random.Random) -> Contact:
    first = GIVEN_NAMES[(number * 7 + place * 5) % len(GIVEN_NAMES)]
    last = FAMILY_NAMES[(number * 3 + place * 11) % len(FAMILY_NAMES)]
    title, seniority, department = TITLES[(number + place * 3) % len(TITLES)]
    plain = "".join(letter for letter in f"{first}.{last}".lower() if letter.isascii() and letter not in "’ ")
    return Contact(first, last, title, seniority, department, f"{plain}@{domain}")


def _spelling(index: int, company: Company, variant: int, chance: random.Random) -> Company:
    """Return the company as somebody else typed it, on a domain of its own."""
    word, kind = company.name.split(" ")
    swapped = word[0] + word[2] + word[1] + word[3:]
    name, host = (
        (f"{company.name} Inc.", f"{word}{kind}"),
        (f"{word}-{kind} LLC", f"{word}-{kind}-group"),
        (f"{swapped} {kind}", f"{swapped}{kind}"),
        (f"{word} {kind[:3]}.", f"get{word}{kind}"),
        (f"The {company.name} Company", f"the-{word}-{kind}"),
    )[(index + variant) % 5]
    return Company(
        index=index,
        name=name,
        domain=f"{host.lower()}.net",
        industry=company.industry,
        employees=round(company.employees * chance.uniform(0.9, 1.1)) or 1,
        region=company.region,
        country=company.country,
        city=company.city,
        owner=chance.choice([owner for owners, _ in REGIONS.values() for owner in owners]),
        begins=min(company.begins + timedelta(days=chance.randrange(20, 90)), timedelta(days=DAYS - 20)),
        contacts=(),
        spelling_of=company.index,
    )
