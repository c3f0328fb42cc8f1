"""CPU time of processes from /proc: what a request costs the server, however busy the machine is.

Seconds per request wait for the neighbours; the CPU time a request uses hardly does. Counted are the first
process of each server (gunicorn, PostgreSQL), everything below it, and children that have ended meanwhile. Where a
whole machine is shared, caches and hyper-threads still make it swing by some per cent: hence alternating rounds
and medians (lists.py).
"""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True, slots=True)
class Process:
    """One line of /proc/PID/stat: the parent, own CPU time and that of ended children, in seconds."""

    parent: int
    own: float
    ended: float


def processes() -> dict[int, Process]:
    """Return every process that can be read now."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        user, system, user_ended, system_ended = (int(field) / TICK for field in fields[11:15])
        found[int(entry.name)] = Process(int(fields[1]), user + system, user_ended + system_ended)
    return found


def below(root: int, known: dict[int, Process]) -> set[int]:
    """Return a process and all its living descendants."""
    members = {root} & known.keys()
    grew = True
    while grew:
        children = {pid for pid, process in known.items() if process.parent in members} - members
        members |= children
        grew = bool(children)
    return members


def cpu_seconds(roots: Iterable[int]) -> float:
    """Return the CPU time that these trees have used so far, ended children included."""
    known = processes()
    members: set[int] = set().union(*(below(root, known) for root in roots))
    return sum(known[pid].own + known[pid].ended for pid in members)


class Meter:
    """Measures what the trees below `roots` use from its creation until it is read."""

    def __init__(self, *roots: int | None) -> None:
        self.roots = [root for root in roots if root]
        self.cpu = cpu_seconds(self.roots)
        self.clock = time.monotonic()

    def read(self) -> tuple[float, float]:
        """Return (CPU seconds, seconds on the clock) since the creation."""
        return cpu_seconds(self.roots) - self.cpu, time.monotonic() - self.clock


class Neighbours:
    """Measures how many cores everybody else used, from its creation until it is read."""

    def __init__(self, *roots: int | None) -> None:
        self.roots = [root for root in roots if root]
        self.ours, self.machine, self.clock = cpu_seconds(self.roots), _machine(), time.monotonic()

    def read(self) -> float:
        """Return the cores used outside the trees that were given at the creation; stolen time counts."""
        used = _machine() - self.machine - (cpu_seconds(self.roots) - self.ours)
        return max(0.0, used / (time.monotonic() - self.clock))


def _machine() -> float:
    """Return the seconds that all cores have been busy since the machine started."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / TICK
