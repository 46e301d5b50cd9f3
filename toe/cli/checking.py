"""Reads and checks the documents of `toe validate`, side by side in processes where that is faster."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from toe.actions import ActionTable
from toe.check.check import CheckOptions, check_all
from toe.check.reading import DocumentReader
from toe.cli.targets import Target
from toe.document.source import STANDARD_INPUT
from toe.errors import DocumentError, Problem
from toe.records import NamedTuple

#: Below this many bytes of documents a second process costs more time than it saves.
WORTH_A_PROCESS = 300_000


class Checked(NamedTuple):
    """What came of one target. `unreadable` is the reason, "" for none; `skipped`: it is no component document."""

    document: str
    problems: tuple[Problem, ...] = ()
    unreadable: str = ""
    skipped: bool = False


def check_targets(
    targets: Sequence[Target], options: CheckOptions, stdin_name: str, reader: DocumentReader
) -> list[Checked]:
    """Check every target, in order. `stdin_name` is what standard input is called."""
    work = partial(check_target, options=options, stdin_name=stdin_name, reader=reader)
    cores = _cores()
    if cores > 1 and len(targets) > 1 and sum(map(_size, targets)) > WORTH_A_PROCESS and hasattr(os, "fork"):
        return list(_in_processes(cores, work, targets))
    return list(map(work, targets))


def check_target(target: Target, options: CheckOptions, stdin_name: str, reader: DocumentReader) -> Checked:
    """Read and check one document."""
    name = stdin_name if target.path == STANDARD_INPUT else target.path
    try:
        data = reader.read(target.path)
    except DocumentError as error:
        return Checked(name, unreadable=error.in_one_line)
    if target.found:
        from toe.document.recognition import is_component

        if not is_component(data):
            return Checked(name, skipped=True)
    return Checked(name, tuple(check_all(data, name, options, ActionTable())[1]))


def _size(target: Target) -> int:
    try:
        return os.path.getsize(target.path)
    except OSError:
        return 0


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(cores: int, work: partial[Checked], targets: Iterable[Target]) -> Iterator[Checked]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    targets = list(targets)
    ends = os.pipe()
    try:
        with ProcessPoolExecutor(cores, get_context("fork"), _end_with_parent, ends) as pool:
            yield from pool.map(work, targets, chunksize=max(1, len(targets) // (cores * 8)))
    finally:
        for end in ends:
            os.close(end)


def _end_with_parent(read_end: int, write_end: int) -> None:
    """Have this process end when its parent has, however that did: nobody else closes the pipe's other end then."""
    from threading import Thread

    def wait() -> None:
        os.read(read_end, 1)
        os._exit(1)

    os.close(write_end)
    Thread(target=wait, daemon=True).start()
