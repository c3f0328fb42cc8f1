"""Naming somebody in a text: how it is written, kept, told and drawn. Public names stand in this list."""

from revops.kernel.records.mentions.reading import Waiting, mark_read, unread
from revops.kernel.records.mentions.text import cut, named, parts, plain

__all__ = ["Waiting", "cut", "mark_read", "named", "parts", "plain", "unread"]
