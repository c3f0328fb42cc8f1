"""Which character separates the columns: the one that cuts header and rows alike."""

import csv
from collections.abc import Iterator

from revops.kernel.exchange.findings import Located

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_ROWS = 30


def sniff_delimiter(sample: str) -> tuple[str, list[Located]]:
    """Return the separator of `sample` (the beginning of a file); a finding when two fit equally well."""
    scores = {delimiter: _score(sample, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if scores[best] == (0.0, 1):
        return ",", []
    equals = [delimiter for delimiter, score in scores.items() if score == scores[best]]
    if len(equals) == 1:
        return best, []
    names = " and ".join(DELIMITERS[one] for one in equals)
    return best, [
        Located(
            "IMP-006",
            "It is not clear which character separates the columns.",
            line=1,
            found=names,
            needed="one separator",
            remedy="Name the separator.",
        )
    ]


def named_delimiter(text: str) -> str:
    """Return the separator that somebody named by its sign or its word. Raises LookupError."""
    words = {
        **{one: one for one in DELIMITERS},
        **{name: one for one, name in DELIMITERS.items()},
        "\\t": "\t",
    }
    if text not in words:
        raise LookupError(f"{text[:20]!r} is not a separator. Use one of: {', '.join(DELIMITERS.values())}.")
    return words[text]


def _score(sample: str, delimiter: str) -> tuple[float, int]:
    """Return (share of rows as wide as the header, width); (0, 1) for a header that it does not cut."""
    widths = list(_widths(sample, delimiter))
    if not widths or widths[0] < 2:
        return 0.0, 1
    alike = sum(width == widths[0] for width in widths)
    return round(alike / len(widths), 1), widths[0]


def _widths(sample: str, delimiter: str) -> Iterator[int]:
    """Yield the widths of the first rows that are whole within the sample."""
    lines = sample.splitlines(keepends=True)
    if len(lines) > 1 and not lines[-1].endswith(("\n", "\r")):
        lines.pop()
    count = 0
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if cells:
                yield len(cells)
                count += 1
            if count > _ROWS:
                return
    except csv.Error:
        return
