"""Which processes belong to one step: decided from a table of all processes. Nothing here sends a signal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import Protocol

from toe.records import NamedTuple

MARK_VARIABLE = "TOE_PROCESS_MARK"


class Process(NamedTuple):
    """One line of the process table. `start` tells two holders of one number apart; a dead one waits to be reaped."""

    pid: int
    parent: int
    group: int
    session: int
    start: str
    dead: bool


Table = dict[int, Process]


class Lineage(Protocol):
    """All that one step started and that still lives."""

    def alive(self) -> dict[int, int]:
        """Their process ids, parents first, and their groups; a negative id is a whole process group."""


def subtrees(table: Table, roots: Iterable[int]) -> set[int]:
    """The roots that are in the table, their children, grandchildren and so on."""
    children: dict[int, list[int]] = {}
    for process in table.values():
        children.setdefault(process.parent, []).append(process.pid)
    found: set[int] = set()
    waiting = [pid for pid in roots if pid in table]
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting.extend(children.get(pid, ()))
    return found


def living(table: Table, pids: set[int]) -> dict[int, int]:
    """Those of `pids` that live, and their groups; parents stand before their children.

    A shell must hear of the end before the command it waits for: else it goes on to its next command.
    """

    def depth(pid: int) -> int:
        steps, seen = 0, set[int]()
        while (pid := table[pid].parent) in pids and pid not in seen:
            seen.add(pid)
            steps += 1
        return steps

    return {pid: table[pid].group for pid in sorted(pids, key=depth) if not table[pid].dead}


def adopted(table: Table, own: int, child: int, earlier: frozenset[int]) -> set[int]:
    """What a step started, for a parent `own` that adopts orphans: all below it but what was there before.

    `earlier` are the children that `own` had when the step began. Not the step's: their subtrees, whoever shares a
    session with those (an earlier daemon's new orphan), and what shares the session of `own`, for that is a child of
    another part of this program: each step has a session of its own.
    """
    protected = subtrees(table, earlier)
    sessions = {table[pid].session for pid in protected}
    sessions.add(table[own].session)
    roots = [
        process.pid
        for process in table.values()
        if process.parent == own and process.pid not in protected
        if process.pid == child or process.session not in sessions
    ]
    return subtrees(table, roots)


class AdoptedLineage:
    """The descendants of a step when this process is the one that orphans come to: nothing can escape."""

    def __init__(
        self, child: int, earlier: frozenset[int], read_table: Callable[[], Table], reap: Callable[[int], None]
    ) -> None:
        self._child = child
        self._earlier = earlier
        self._read_table = read_table
        self._reap = reap

    def alive(self) -> dict[int, int]:
        """As `Lineage.alive`. None is said after two looks: one that loses its parent meanwhile is missed once."""
        return self._look() or self._look()

    def _look(self) -> dict[int, int]:
        table = self._read_table()
        self._reap(self._child)
        return living(table, adopted(table, os.getpid(), self._child, self._earlier))


class MarkedLineage:
    """The descendants of a step when orphans go elsewhere: by session, by parents, and by a mark in the environment.

    A process that forks twice, takes a new session and clears its environment before anybody looks is not found.
    """

    def __init__(
        self, child: int, mark: str, read_table: Callable[[], Table], read_marked: Callable[[str], set[int]]
    ) -> None:
        self._child = child
        self._mark = mark
        self._read_table = read_table
        self._read_marked = read_marked
        self._known: set[tuple[int, str]] = set()

    def alive(self) -> dict[int, int]:
        """As `Lineage.alive`. Whoever was seen once stays known after its parent is gone."""
        return self._look() or self._look()

    def _look(self) -> dict[int, int]:
        table = self._read_table()
        own = {
            process.pid for process in table.values() if self._child in (process.pid, process.group, process.session)
        }
        own |= {pid for pid, start in self._known if pid in table and table[pid].start == start}
        own |= self._read_marked(self._mark)
        found = subtrees(table, own) - {os.getpid()}
        self._known |= {(pid, table[pid].start) for pid in found}
        return living(table, found)


class GroupLineage:
    """The process group alone: what is left where the processes of the system cannot be listed."""

    def __init__(self, child: int, reap: Callable[[], None]) -> None:
        self._child = child
        self._reap = reap

    def alive(self) -> dict[int, int]:
        """As `Lineage.alive`, the group as a whole. Who has ended is reaped first: a zombie counts as alive here."""
        self._reap()
        if sys.platform == "win32":  # a Job Object is asked there
            return {}
        try:
            os.killpg(self._child, 0)
        except OSError:
            return {}
        return {-self._child: self._child}
