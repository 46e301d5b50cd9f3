"""Who belongs to a step, decided from process tables."""

from __future__ import annotations

import os
from contextlib import suppress

from toe.system.processes.child import start
from toe.system.processes.ending import whole_groups
from toe.system.processes.lineage import GroupLineage, MarkedLineage, Process, Table, adopted, living, subtrees

OWN, CHILD = 10, 50


def table(*rows: tuple[int, int, int]) -> Table:
    """A table of (pid, parent, session); the group is the session's."""
    return {pid: Process(pid, parent, session, session, f"start {pid}", False) for pid, parent, session in rows}


def test_subtrees_holds_the_roots_that_exist_and_all_below_them() -> None:
    rows = table((1, 0, 1), (2, 1, 1), (3, 2, 1), (4, 1, 1))
    assert subtrees(rows, [2, 99]) == {2, 3}


def test_subtrees_ends_when_parents_form_a_circle() -> None:
    assert subtrees(table((1, 2, 1), (2, 1, 1)), [1]) == {1, 2}


def test_adopted_holds_the_child_and_orphans_in_any_session() -> None:
    rows = table((1, 0, 1), (OWN, 1, 9), (CHILD, OWN, 50), (51, CHILD, 50), (60, OWN, 60), (61, 60, 60), (70, 1, 70))
    assert adopted(rows, OWN, CHILD, frozenset()) == {CHILD, 51, 60, 61}


def test_adopted_leaves_out_what_was_there_before_and_its_orphans() -> None:
    rows = table((OWN, 1, 9), (CHILD, OWN, 50), (30, OWN, 30), (31, 30, 31), (32, OWN, 31), (33, OWN, 33))
    assert adopted(rows, OWN, CHILD, frozenset({30})) == {CHILD, 33}


def test_adopted_leaves_out_children_in_our_own_session() -> None:
    rows = table((OWN, 1, 9), (CHILD, OWN, 50), (20, OWN, 9), (21, 20, 9))
    assert adopted(rows, OWN, CHILD, frozenset()) == {CHILD}


def test_living_names_parents_before_their_children() -> None:
    rows = table((5, 7, 50), (6, 5, 50), (7, 8, 50), (8, 1, 50), (9, 6, 50))
    rows[5] = rows[5]._replace(dead=True)
    assert list(living(rows, {5, 6, 7, 8, 9})) == [8, 7, 6, 9]


def test_marked_lineage_finds_session_parents_and_mark_and_remembers() -> None:
    tables = [
        table((OWN, 1, 9), (CHILD, OWN, 50), (51, CHILD, 51), (52, 1, 50), (53, 1, 53), (54, 1, 54)),
        table((OWN, 1, 9), (51, 1, 51), (54, 1, 54)),
        table((OWN, 1, 9), (54, 1, 54)) | {51: Process(51, 1, 51, 51, "another start", False)},
    ]
    current = [tables[0]]
    lineage = MarkedLineage(CHILD, "mark", lambda: current[0], lambda mark: {53} & set(current[0]))
    assert lineage.alive() == {CHILD: 50, 51: 51, 52: 50, 53: 53}
    current[0] = tables[1]
    assert lineage.alive() == {51: 51}
    current[0] = tables[2]
    assert lineage.alive() == {}


def test_group_lineage_is_the_group_until_its_last_process_has_ended() -> None:
    child = start(["sleep", "1000"], {"PATH": os.defpath})

    def reap() -> None:
        child.has_ended()

    lineage = GroupLineage(child.pid, reap)
    assert lineage.alive() == {-child.pid: child.pid}
    os.kill(-child.pid, 9)
    while lineage.alive():
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert child.exit_code == -9
    child.close()
    os.close(child.stdout)
    os.close(child.stderr)


def test_whole_groups_never_names_us_or_everybody() -> None:
    assert whole_groups({51: 50, 52: 50, 60: 60, 70: 0, 71: 1, 72: os.getpgrp()}) == {-50, -60}
