"""Reads and checks the documents of `toe validate`, side by side in processes where that is faster."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial

from toe.actions import ActionTable
from toe.check.check import CheckOptions, check_all
from toe.check.reading import DocumentReader
from toe.check.settings import Settings
from toe.cli.targets import Target
from toe.document.source import STANDARD_INPUT
from toe.errors import ActionError, DocumentError, Problem, ToeError
from toe.images.recipes.marks import may_be_of_images
from toe.records import NamedTuple

#: Below this many bytes of documents a second process costs more time than it saves.
WORTH_A_PROCESS = 300_000
FIX, DIFF = "fix", "diff"


class Checked(NamedTuple):
    """What came of one target. `unreadable` is the reason, "" for none; `skipped`: it is no component document.

    `fixed` is what `--fix` or `--diff` made of it, None where they were not asked for.
    """

    document: str
    problems: tuple[Problem, ...] = ()
    unreadable: str = ""
    skipped: bool = False
    fixed: FixedTarget | None = None


class FixedTarget(NamedTuple):
    """The number of changes; the diff that was asked for, or the text of standard input; why nothing was changed."""

    changes: int
    diff: str = ""
    text: bytes = b""
    worse: Problem | None = None


class Work(NamedTuple):
    """One document to check, and the settings of its project, with what the command line puts in their place.

    `fix` is FIX, DIFF or "".
    """

    target: Target
    settings: Settings
    fix: str = ""


def check_targets(
    work: Sequence[Work], options: CheckOptions, stdin_name: str, reader: DocumentReader
) -> list[Checked]:
    """Check every target, in order. `stdin_name` is what standard input is called."""
    check = partial(check_target, options=options, stdin_name=stdin_name, reader=reader)
    cores = _cores()
    large = cores > 1 and len(work) > 1 and sum(_size(one.target) for one in work) > WORTH_A_PROCESS
    if large and hasattr(os, "fork"):
        return list(_in_processes(cores, check, work))
    return list(map(check, work))


def check_target(work: Work, options: CheckOptions, stdin_name: str, reader: DocumentReader) -> Checked:
    """Read and check one document."""
    target, settings, fix = work
    name = stdin_name if target.path == STANDARD_INPUT else target.path
    try:
        data = reader.read(target.path)
    except DocumentError as error:
        return Checked(name, unreadable=error.in_one_line)
    options = options._replace(profile=settings.profile, platforms=settings.platforms)
    if may_be_of_images(data, name):
        from toe.images.recipes.validate import problems_of

        try:
            of_images = problems_of(data, name, options)
        except ToeError as error:
            return Checked(name, unreadable=f"{name}: {error.in_one_line}")
        if of_images is not None:
            return Checked(name, tuple(filter(settings.keeps, of_images)))
    if options.template_parameters and not target.found:
        return Checked(name, unreadable=f"{name}: --parameters are for recipes of images, and this is none")
    if name.endswith(".tf"):
        return Checked(name, skipped=True)
    if target.found:
        from toe.document.recognition import is_component

        if not is_component(data):
            return Checked(name, skipped=True)
    fixed = None
    if fix:
        try:
            data, fixed = _fixed(data, target, name, fix, settings, options)
        except (OSError, ActionError) as error:
            from toe.system.files.path_faults import told

            reason = error.message if isinstance(error, ActionError) else told(error, target.path)
            return Checked(name, unreadable=f"{name}: cannot write the fixed document: {reason}")
    problems = tuple(filter(settings.keeps, check_all(data, name, options, ActionTable())[1]))
    return Checked(name, problems, fixed=fixed)


def _fixed(
    data: bytes, target: Target, name: str, fix: str, settings: Settings, options: CheckOptions
) -> tuple[bytes, FixedTarget]:
    """The document that is there afterwards, and what became of it. Raises OSError and ActionError."""
    from toe.check.fixing import difference, fix_document

    quick = options._replace(lint=False)  # which mends nothing, and would be asked again and again

    def judge(candidate: bytes) -> list[Problem]:
        return list(filter(settings.keeps, check_all(candidate, name, quick, ActionTable())[1]))

    fixed = fix_document(data, name, judge)
    if fix == DIFF:
        return data, FixedTarget(fixed.changes, difference(data, fixed.data, name), worse=fixed.worse)
    if target.path == STANDARD_INPUT:
        return fixed.data, FixedTarget(fixed.changes, text=fixed.data, worse=fixed.worse)
    if fixed.changes:
        from toe.system.files.opening import write_all
        from toe.system.files.writing import write_over

        write_over(target.path, lambda descriptor: write_all(descriptor, fixed.data))
    return fixed.data, FixedTarget(fixed.changes, worse=fixed.worse)


def _size(target: Target) -> int:
    try:
        return os.path.getsize(target.path)
    except OSError:
        return 0


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(cores: int, check: partial[Checked], work: Sequence[Work]) -> Iterator[Checked]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    ends = os.pipe()
    try:
        with ProcessPoolExecutor(cores, get_context("fork"), _end_with_parent, ends) as pool:
            yield from pool.map(check, work, chunksize=max(1, len(work) // (cores * 8)))
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
