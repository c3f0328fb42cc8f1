"""Patterns of `like`: `*` stands for any run of characters, `?` for exactly one. Compared on folded text.

One reading serves both back-ends. Matching takes time linear in text times pattern; there are no expressions.
"""

from functools import lru_cache

from revops.kernel.folding import fold

RUN, ONE = "*", "?"


@lru_cache(maxsize=512)
def tokens(pattern: str) -> tuple[tuple[str, bool], ...]:
    """Return the pattern as characters, each with whether it is a wildcard; what is between them is folded."""
    pieces: list[str] = [""]
    for char in pattern:
        if char in (RUN, ONE):
            if not (char == RUN and len(pieces) > 2 and pieces[-1] == "" and pieces[-2] == RUN):
                pieces += [char, ""]
        else:
            pieces[-1] += char
    found: list[tuple[str, bool]] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            found.append((piece, True))
        else:
            text = _fold_piece(piece, first=number == 0, last=number == len(pieces) - 1)
            found += [(char, False) for char in text]
    return tuple(found)


def _fold_piece(piece: str, *, first: bool, last: bool) -> str:
    """Fold a piece, keeping the one space that separates it from a wildcard beside it."""
    folded = fold(piece)
    if not folded:
        return " " if piece and not first and not last else ""
    before = " " if piece[0].isspace() and not first else ""
    after = " " if piece[-1].isspace() and not last else ""
    return before + folded + after


def matches(folded: str, pattern: str) -> bool:
    """Say whether folded text matches the whole pattern."""
    wanted = tokens(pattern)
    at = here = 0
    run_at, resume = -1, 0
    while here < len(folded):
        if at < len(wanted) and wanted[at] == (RUN, True):
            run_at, resume = at, here
            at += 1
        elif at < len(wanted) and (wanted[at] == (ONE, True) or wanted[at] == (folded[here], False)):
            at += 1
            here += 1
        elif run_at >= 0:
            resume += 1
            at, here = run_at + 1, resume
        else:
            return False
    return all(token == (RUN, True) for token in wanted[at:])


def as_sql_pattern(pattern: str) -> str:
    r"""Return the pattern as SQL's LIKE takes it, with `\` as its escape."""
    wild = {RUN: "%", ONE: "_"}
    return "".join(
        wild[char] if is_wild else f"\\{char}" if char in "%_\\" else char
        for char, is_wild in tokens(pattern)
    )
