"""A made file of three hundred planted faults, each of a known kind and with the repair that cures it."""

import random
from dataclasses import dataclass, field

HEADER = [
    "Id",
    "IsDeleted",
    "Name",
    "Type",
    "Industry",
    "AnnualRevenue",
    "NumberOfEmployees",
    "BillingCountry",
    "Website",
]
PLACE = {name: place for place, name in enumerate(HEADER)}
# kind: (column, what stands in the cell, what cures it); {n} is the number of the row.
CELLS = {
    "no name": ("Name", "", "Company {n}"),
    "long name": ("Name", "x" * 400, "Company {n}"),
    "letters in a number": ("NumberOfEmployees", "about {n}", "{n}"),
    "a date for a number": ("NumberOfEmployees", "12/2026", "12"),
    "two decimal signs": ("AnnualRevenue", "1.2.3,4", "1234"),
    "words for money": ("AnnualRevenue", "a lot", "1000"),
    "another currency": ("AnnualRevenue", "€ 500.00", "500.00"),
    "no id": ("Id", "", "fixed-{n}"),
    "an invisible id": ("Id", "a\u200b{n}", "fixed-{n}"),
}
FAULTS = 300


@dataclass
class Faulty:
    """The file, and the faults in it: (line, place) -> cure; rows with too few cells: line -> cells."""

    text: str = ""
    cures: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: dict[int, list[str]] = field(default_factory=dict)


def made(rows: int = 400, seed: int = 7) -> Faulty:
    """Plant 300 faults: 240 single cells, 30 rows that lack a cell, 30 cells of one wrong word."""
    chance, found = random.Random(seed), Faulty()
    kinds = list(CELLS)
    faulty = chance.sample(range(rows), FAULTS)
    lines = [",".join(HEADER)]
    for n in range(rows):
        cells = [
            f"id-{n}",
            "FALSE",
            f"Company {n}",
            "Prospect",
            "Energy",
            f"{n * 10}.50",
            str(n + 1),
            "Germany",
            "",
        ]
        line = n + 2
        if n in faulty[:240]:
            name, bad, cure = CELLS[kinds[faulty.index(n) % len(kinds)]]
            cells[PLACE[name]] = bad.format(n=n)
            found.cures[line, PLACE[name]] = cure.format(n=n)
        elif n in faulty[240:270]:
            found.rows[line] = list(cells)
            cells = cells[:-1]
        elif n in faulty[270:]:
            cells[PLACE["NumberOfEmployees"]] = "unknown"
        lines.append(",".join(f'"{cell}"' if "," in cell else cell for cell in cells))
    found.text = "\n".join(lines) + "\n"
    return found
