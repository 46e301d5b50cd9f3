"""Guards that hold for every test, and a way to run a document in process."""

from __future__ import annotations

import contextlib
import gc
import math
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import toe
from toe.system.boot import memory_file_system
from toe.system.processes.linux import direct_children

REPOSITORY = Path(__file__).resolve().parent.parent
pytest_plugins = [
    "aws_fixtures",
    "wine_fixtures",
    "bundle_fixtures",
    "local_actions",
    "engine_fixtures",
    "recipe_fixtures",
    "distribution_fixtures",
    "fleet_fixtures",
]

RunDocument = Callable[..., toe.RunResult]

# Python itself ignores these two; whoever starts a program expects that.
_PYTHON_IGNORES = {signal.SIGPIPE, signal.SIGXFSZ} if sys.platform != "win32" else set()


def pytest_configure(config: pytest.Config) -> None:
    """A session starts alike whoever calls it, and leaves nothing in the system's temporary folder."""
    _reset_signals()
    gc.disable()  # until all is collected: nothing of that is garbage
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # `pytest_collection_modifyitems` has put the files into their order
    # How long an example takes is the machine's business.
    settings.register_profile("toe", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("toe")
    # A killed `toe` leaves scripts behind, and pytest the folders of its tests: all of it goes with this folder.
    # A reboot must not empty it: tests ask for some.
    lasting = [folder for folder in (tempfile.gettempdir(), "/var/tmp") if not memory_file_system(folder)]
    os.environ["TMPDIR"] = tempfile.mkdtemp(prefix="toe-tests-", dir=lasting[0] if lasting else None)
    # for all, as the system's own: some tests act as another user
    os.chmod(os.environ["TMPDIR"], 0o1777)
    tempfile.tempdir = None
    # What is made once for all processes that share the tests lies in the folder of the one that started them.
    os.environ.setdefault("TOE_TESTS_SHARED", os.environ["TMPDIR"])
    # What is printed does not depend on who runs the tests.
    os.environ.pop("GITHUB_ACTIONS", None)
    # Who may write no bytecode compiles all of toe and of its tests anew, which takes as long as everything else.
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        cache: pytest.Cache | None = getattr(config, "cache", None)  # not there with `-p no:cacheprovider`
        folder = cache.mkdir("bytecode") if cache else Path(os.environ["TMPDIR"], "bytecode")
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """What `-n auto` means: half as many again as there are processors, for many tests wait for what they started."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # xdist's own affair
    processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return math.ceil(processors * 1.5)


#: What takes longest to be ready: a file that asks for one of these would else be the last that everybody waits for.
_COSTLY = {"one_file", "built", "buildah", "_wine_machine", "first_machine", "points"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers begin with the files that ask for something costly; then, as xdist has it, with those of most tests."""
    if not hasattr(config, "workerinput"):
        return
    tests = Counter(item.path for item in items)
    costly = {item.path for item in items if not _COSTLY.isdisjoint(getattr(item, "fixturenames", ()))}
    items.sort(key=lambda item: (item.path not in costly, -tests[item.path]))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Modules and items stay to the end: who collects garbage, here or in a fork, does not look at them again."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(exitstatus: int) -> None:
    """What failing tests wrote stays to be looked at."""
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        shutil.rmtree(os.environ["TMPDIR"])


def _reset_signals() -> None:
    """As at a prompt: a shell that runs `pytest &` has it ignore SIGINT, and `nohup` SIGHUP."""
    if sys.platform == "win32":
        return
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in signal.valid_signals() - _PYTHON_IGNORES:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _inside_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test works in its own folder and leaves nothing in the repository's."""
    before = sorted(os.listdir(REPOSITORY))
    monkeypatch.chdir(tmp_path)
    # Nothing that a test runs may reboot this machine, or leave a state behind.
    monkeypatch.setenv("TOE_NO_REBOOT", "1")
    monkeypatch.setenv("TOE_STATE_DIRECTORY", str(tmp_path / "state"))
    yield
    left = set(os.listdir(REPOSITORY)) - set(before)
    assert not {name for name in left if name.startswith("TOE_")}


@pytest.fixture(autouse=True)
def _no_child_is_left() -> Iterator[None]:
    """A test that leaves a child fails, and it alone: the child is ended, so that the tests after it find none."""
    yield
    left = _end_children()
    if left:
        pytest.fail(f"child processes are left: {', '.join(left)}")


def _end_children() -> list[str]:
    """End and take all children of this process; returns what they were."""
    ended = []
    for pid in direct_children():
        command = b""
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
        ended.append(f"{pid} {command.decode(errors='replace').replace(chr(0), ' ')}".strip())
    return ended


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test connects to {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _no_instance_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on an EC2 instance, a test asks only the metadata service that it started itself."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def run_document(tmp_path: Path) -> RunDocument:
    """Write a document and run it with the whole engine, its logs below tmp_path."""

    def run(text: str, *, name: str = "doc.yml", **options: Any) -> toe.RunResult:
        (tmp_path / name).write_text(text)
        options.setdefault("log_directory", tmp_path)
        return toe.run(name, **options)

    return run
