"""Search over all record types: a question is read (`questions`), and answered within the scope of who asks."""

from revops.kernel.records.searching.answering import Hit, asked, search
from revops.kernel.records.searching.finding import first, matching
from revops.kernel.records.searching.indexing import index, rebuild
from revops.kernel.records.searching.questions import LONGEST_TEXT, Meaning, Question, read

__all__ = [
    "LONGEST_TEXT",
    "Hit",
    "Meaning",
    "Question",
    "asked",
    "first",
    "index",
    "matching",
    "read",
    "rebuild",
    "search",
]
