"""What one person keeps about records, shown only while they see them: favourites, recent visits, frequent choices."""

from revops.kernel.records.personal.choices import frequent, note_choice
from revops.kernel.records.personal.starring import add, favourites, marked, move, one, remove
from revops.kernel.records.personal.visits import note_visit, recent

__all__ = [
    "add",
    "favourites",
    "frequent",
    "marked",
    "move",
    "note_choice",
    "note_visit",
    "one",
    "recent",
    "remove",
]
