"""Fill one database with a company and its accounts: `python -m bench.generate --accounts N [--through-actions M]`.

The first M accounts go through the product's own checks and writer, in changes of 1,000, as an import would do it;
the rest are copies made inside the database (cloning.py). The same arguments give the same accounts.
"""

import argparse
import json
import time
from collections.abc import Iterator
from decimal import Decimal

import django

WORDS = (
    *("Alder", "Amber", "Basalt", "Birch", "Bramble", "Canyon", "Cedar", "Cinder", "Copper", "Coral"),
    *("Dune", "Elm", "Fjord", "Garnet", "Hazel", "Indigo", "Jade", "Larch", "Linden", "Marble"),
    *("Nimbus", "Onyx", "Opal", "Pebble", "Quartz", "Rowan", "Slate", "Tundra", "Umber", "Zephyr"),
)
KINDS = ("Systems", "Foods", "Energy", "Health", "Retail", "Media", "Bank", "Labs", "Freight", "Studios")
STATUSES = ("customer",) * 6 + ("prospect",) * 3 + ("former",)
INDUSTRIES = ("technology", "energy", "healthcare", "retail", "manufacturing", "media", "banking")
COUNTRIES = ("US", "DE", "GB", "FR", "CA", "BR", "JP", "AU", "IN", "ZA")
CHUNK = 1_000
# So many owners share a change: a file usually holds the accounts of a few people.
OWNERS_A_CHUNK = 20


def scatter(number: int) -> int:
    """Return a number that looks drawn by chance but always is the same for the same account."""
    return number * 2_654_435_761 % 4_294_967_296 // 64


def describe(number: int, owner: int | None = None) -> dict[str, object]:
    """Return what somebody typed about account `number`."""
    drawn = scatter(number)
    name = f"{WORDS[drawn % 30]} {WORDS[drawn // 30 % 30]} {KINDS[drawn // 900 % 10]} {number}"
    employees = 10 + drawn % 5_000
    values: dict[str, object] = {
        "name": name,
        "domain": f"company-{number}.com",
        "status": STATUSES[drawn // 9_000 % 10],
        "legal_name": f"{name} Inc.",
        "billing_account_ext": f"BA-{number}",
        "industry": INDUSTRIES[drawn // 7 % len(INDUSTRIES)],
        "employees": employees,
        "annual_revenue": Decimal(employees * 150_000),
        "country": COUNTRIES[drawn // 11 % 10],
        "city": "Springfield",
        "website": f"https://www.company-{number}.com",
        "phone": f"+1 555 {number:07d}",
        "description": f"{name} asked for a demonstration of revenue reporting.",
    }
    return values | ({"owner": owner} if owner else {})


def write_through_actions(first: int, last: int, owners: list[int], by) -> Iterator[int]:
    """Write the accounts first..last as an import does, one change a chunk; yield how many each change wrote."""
    from accounts.actions import creating, drafts
    from accounts.models import Account
    from revops.kernel import audit

    for start in range(first, last + 1, CHUNK):
        numbers = range(start, min(start + CHUNK, last + 1))
        offset = start // CHUNK * OWNERS_A_CHUNK
        with audit.change(by=by, action="account.import", source=audit.Source.IMPORT):
            made = [
                drafts.read(
                    describe(number, owners[(offset + number % OWNERS_A_CHUNK) % len(owners)]), Account()
                )
                for number in numbers
            ]
            drafts.check(made, by)
            creating.check_tree(made)
            if found := [finding for draft in made for finding in draft.findings]:
                raise audit.Blocked(found)
            creating.write_new(made, by)
        yield len(numbers)


def fill(accounts: int, through_actions: int) -> dict[str, object]:
    """Write company and accounts into the empty database of this process; return what was done."""
    from bench import cloning, company
    from revops.kernel.identity.models import User

    begun = time.monotonic()
    people = company.found(accounts)
    founded = time.monotonic()
    seed = min(accounts, max(through_actions, CHUNK))
    owners = [person for person, _ in company.reps()]
    for _ in write_through_actions(1, seed, owners, User.objects.get(pk=people.revops)):
        pass
    written = time.monotonic()
    cloning.clone(seed, accounts, company.reps(), people.revops)
    return {
        **people.as_json(),
        "accounts": company.count(),
        "through_actions": seed,
        "seconds": {
            "people": round(founded - begun, 1),
            "actions": round(written - founded, 1),
            "copies": round(time.monotonic() - written, 1),
        },
    }


def main() -> None:
    """Migrate the database that DATABASE_URL names and fill it; print what was made as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.generate", description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--through-actions", type=int, default=2_000)
    given = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps(fill(given.accounts, given.through_actions)))


if __name__ == "__main__":
    main()
