"""Names of companies and people, as unevenly spread as real ones: the n-th word is n times rarer than the first."""

from itertools import product

# The first is part of a company's name in a quarter of all companies.
KINDS = (
    *("Inc", "LLC", "Group", "Solutions", "Services", "Systems", "Partners", "Technologies", "Consulting"),
    *("Industries", "Holdings", "Labs", "Media", "Foods", "Energy", "Logistics", "Health", "Bank", "Studios"),
)
COMMON = (
    *("Global", "American", "First", "United", "National", "General", "Advanced", "Premier", "Pacific"),
    *("Atlantic", "Northern", "Digital", "Green", "Summit", "Pioneer", "Liberty", "Golden", "Apex", "Blue"),
    *("Nova", "Vertex", "Acme", "Delta", "Omega", "Alpha", "Prime", "Royal", "Metro", "Urban", "Coastal"),
)
GIVEN = (
    *("Maria", "James", "Anna", "John", "Laura", "Michael", "Sarah", "David", "Julia", "Robert", "Emma"),
    *("Thomas", "Sofia", "Daniel", "Linda", "Peter", "Nina", "Paul", "Elena", "Mark", "Olivia", "Lukas"),
)
FAMILY = (
    *("Smith", "Garcia", "Johnson", "Mueller", "Brown", "Silva", "Martin", "Lee", "Wilson", "Rossi"),
    *("Tanaka", "Khan", "Novak", "Dubois", "Jensen", "Kowalski", "Murphy", "Lopez", "Walker", "Schmidt"),
)
_ONSETS = ("br", "c", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "st", "t", "tr", "v", "w", "z")
_NUCLEI = ("a", "e", "i", "o", "u", "ai", "eo")
_ENDS = ("", "l", "n", "r", "x", "nd")


def coined(count: int, skipped: int) -> list[str]:
    """Return `count` words that nobody uses, all different."""
    syllables = ["".join(parts) for parts in product(_ONSETS, _NUCLEI, _ENDS)]
    size = len(syllables)
    return [
        (syllables[number * 37 % size] + syllables[(number // size + number * 11) % size]).capitalize()
        for number in range(skipped, skipped + count)
    ]


def vocabulary() -> dict[str, list[str]]:
    """Return the words by list, the commonest first."""
    return {
        "company": list(dict.fromkeys([*COMMON, *coined(6_000, 0)])),
        "kind": list(KINDS),
        "given": list(dict.fromkeys([*GIVEN, *coined(800, 10_000)])),
        "family": list(dict.fromkeys([*FAMILY, *coined(4_000, 20_000)])),
    }
