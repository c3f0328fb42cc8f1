"""How well an entry fits what was typed. Pure: words in any order by their beginnings, or the first letters of all."""

from revops.kernel.folding import fold, words

EXACT, BEGINS, NAMED, INITIALS, KNOWN_AS = 120, 100, 70, 60, 40
# A choice made often weighs so much at most: as much as the step from its other words to its name.
OFTEN = 30


def fit(text: str, label: str, keys: str = "", *, chosen: int = 0) -> int:
    """Return how well `text` fits an entry: 0 for not at all, more for better; `chosen` says how often it was taken.

    >>> fit("deal new", "New deal") > fit("create", "New deal", "create add") > 0
    True
    >>> fit("nd", "New deal") > 0
    True
    """
    wanted, named = words(text), words(label)
    if not wanted:
        return 1 + min(chosen, OFTEN)
    bonus = min(chosen, OFTEN)
    if fold(text) == fold(label):
        return EXACT + bonus
    if fold(label).startswith(fold(text)):
        return BEGINS + bonus
    if _all_begin(wanted, named):
        return NAMED + bonus
    if len(wanted) == 1 and len(named) > 1 and "".join(word[0] for word in named).startswith(wanted[0]):
        return (INITIALS + bonus) if len(wanted[0]) > 1 else 0
    return KNOWN_AS + bonus if _all_begin(wanted, [*named, *words(keys)]) else 0


def _all_begin(wanted: list[str], held: list[str]) -> bool:
    return all(any(word.startswith(prefix) for word in held) for prefix in wanted)
