"""A process that dies at any write, sync or rename of a run: the next one goes on, and runs no finished step again."""

from __future__ import annotations

import os
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from resumed_runs import ID, document

import toe
from toe.actions.base import Context, Definition
from toe.sinks import detailed_output

STEPS = 30
#: What the usual run does with: each step has the same eight effects.
FEW_STEPS = 10
DIED, REFUSED, BUG = 9, 3, 4
BLOCKS = 8
AT_THE_ENDS = 20
#: What a death can come before or, for a write, in the middle of.
EFFECTS = ("write", "fsync", "fdatasync", "posix_fallocate", "replace", "rename", "link", "unlink", "ftruncate")
_write, _open, _close = os.write, os.open, os.close


def noting(number: int) -> Definition:
    def run(inputs: object, ctx: Context) -> None:
        """Count this step's run."""
        descriptor = _open("counts", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        _write(descriptor, f"{number}\n".encode())
        _close(descriptor)

    definition: Definition = toe.action(f"Note{number}")(run)
    return definition


ACTIONS = [noting(number) for number in range(STEPS)]


def counts() -> Counter[int]:
    path = Path("counts")
    return Counter(map(int, path.read_text().split())) if path.exists() else Counter()


class DeathAt:
    """Lets the process die at effect number `point`; counts them all."""

    def __init__(self, point: int) -> None:
        self.point = point
        self.seen = 0

    def patched(self, effect: str) -> Callable[..., Any]:
        real = getattr(os, effect)

        def dying(*arguments: Any, **named: Any) -> Any:
            self.seen += 1
            if self.seen == self.point:
                if effect == "write" and self.point % 2:
                    real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                os._exit(DIED)
            return real(*arguments, **named)

        return dying


def in_a_child(work: Callable[[], object], death: DeathAt | None = None) -> int:
    """The exit code of a forked child that does some work: 0, DIED, REFUSED, or BUG with a traceback."""
    pid = os.fork()
    if pid == 0:
        _child(work, death)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _child(work: Callable[[], object], death: DeathAt | None) -> NoReturn:
    code = 0
    try:
        for effect in EFFECTS if death else ():
            assert death is not None
            setattr(os, effect, death.patched(effect))
        work()
        if death is not None:
            Path("effects").write_text(str(death.seen))
    except toe.ToeError:
        code = REFUSED
    except BaseException:
        traceback.print_exc()
        code = BUG
    sys.stderr.flush()
    os._exit(code)


def start() -> None:
    detailed_output._AT_ONCE = 10**9  # this child's report is written at each chance: all runs have the same effects
    result = toe.run("doc.yml", execution_id=ID, log_directory="logs", actions=ACTIONS)
    assert result.status is toe.Status.SUCCESS, result.failure_message


def go_on() -> None:
    result = toe.resume(ID, actions=ACTIONS)
    assert result.status is toe.Status.SUCCESS, result.failure_message


def prepare_folder(folder: Path, steps: int) -> None:
    folder.mkdir()
    os.chdir(folder)
    os.environ["TOE_STATE_DIRECTORY"] = str(folder / "state")
    Path("doc.yml").write_text(document(*(f"{{name: S{n}, action: Note{n}}}" for n in range(steps))))


def effects_of(steps: int, folder: Path) -> int:
    """How many effects an undisturbed run of so many steps has."""
    prepare_folder(folder, steps)
    assert in_a_child(start, DeathAt(0)) == 0
    return int(Path("effects").read_text())


@pytest.fixture(scope="session")
def points(tmp_path_factory: pytest.TempPathFactory) -> int:
    """The effects of a run of STEPS steps."""
    before = Path.cwd()
    try:
        return effects_of(STEPS, tmp_path_factory.mktemp("whole") / "run")
    finally:
        os.chdir(before)


def test_a_run_that_died_somewhere_goes_on(tmp_path: Path) -> None:
    """At each effect of the beginning and the end, and at every seventh between: the steps have the same eight."""
    points = effects_of(FEW_STEPS, tmp_path / "whole")
    assert points >= 80
    chosen = {*range(1, AT_THE_ENDS + 1), *range(1, points + 1, 7), *range(points + 1 - AT_THE_ENDS, points + 1)}
    run_to_each_point(sorted(chosen), FEW_STEPS, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_run_that_died_anywhere_goes_on(block: int, points: int, tmp_path: Path) -> None:
    assert points >= 200
    run_to_each_point(range(1 + block, points + 1, BLOCKS), STEPS, tmp_path)


def run_to_each_point(points: Iterable[int], steps: int, tmp_path: Path) -> None:
    """Let a run die at each of these effects, and go on from there."""
    for point in points:
        prepare_folder(tmp_path / str(point), steps)
        assert in_a_child(start, DeathAt(point)) == DIED
        before = counts()
        assert all(before[number] == 1 for number in range(max(before, default=-1) + 1))
        again = in_a_child(go_on)
        after = counts()
        if again == REFUSED:
            # Nothing to go on with: it had not begun, or was over.
            assert sum(after.values()) in (0, steps), f"point {point}: {after}"
            continue
        assert again == 0, f"point {point}"
        assert set(after) == set(range(steps)), f"point {point}: a step was left out"
        twice = [number for number, times in after.items() if times != 1]
        # Only the step that was running may run again.
        assert twice in ([], [max(before, default=0)]), f"point {point}: {twice}"
        assert after.most_common(1)[0][1] <= 2
        assert not list(Path("state").iterdir())
