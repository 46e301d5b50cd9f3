"""Has Ansible run one order on many hosts, and tells what comes of it while it comes."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import toe.fleet
from toe.errors import ToeError
from toe.events import Event
from toe.fleet.fleet_order import FleetOrder, write_playbook
from toe.fleet.followed import Followed
from toe.system.processes.descendants import kill_descendants

_ACTION = "toe.toe.run"
_LOOK_SECONDS = 0.2
_CLOSE_SECONDS = 5
_RESULTS = {"runner_on_ok": "", "runner_on_failed": "failed", "runner_on_unreachable": "unreachable"}
#: A socket's path has some 100 characters, and ssh puts 20 behind what it is given.
_LONGEST_FOLDER = 60
_SHOWN_LINES = 12


def collections_folder() -> str:
    """The folder that holds ansible_collections: beside the package where it is installed, else within it."""
    package = Path(toe.fleet.__file__).parent
    return str(package if (package / "ansible_collections").is_dir() else package.parent.parent)


def run_fleet(
    order: FleetOrder,
    hear: Callable[[str, Event], None],
    ended: Callable[[str, dict[str, Any]], None],
    is_stopped: Callable[[], bool],
    keep: Callable[[str, bytes], None] = lambda host, data: None,
) -> dict[str, dict[str, Any]]:
    """The result of toe.toe.run by host; hosts whose turn never came have an empty one.

    `hear` gets the events of each host while its documents run, `ended` its result, `keep` the
    bytes of its events.jsonl. Raises ToeError when nothing could
    be asked of any host.
    """
    try:
        import ansible_runner
    except ImportError as error:
        raise ToeError("--hosts needs toe[fleet]", hint="pip install 'toe-executor[fleet]'") from error
    results: dict[str, dict[str, Any]] = {}

    def take(event: dict[str, Any]) -> bool:
        data = event.get("event_data") or {}
        if event.get("event") in _RESULTS and data.get("task_action") == _ACTION:
            word = _RESULTS[event["event"]]
            results[data["host"]] = {**(data.get("res") or {}), **({word: True} if word else {})}
        return False

    with _private_folder() as folder:
        events = folder / "events"
        events.mkdir()
        playbook = write_playbook(order, folder, events)
        thread, runner = ansible_runner.run_async(
            private_data_dir=str(folder),
            project_dir=os.getcwd(),
            playbook=str(playbook),
            cmdline=_arguments(order, folder),
            envvars=_environment(folder),
            settings={"pexpect_timeout": 1},
            event_handler=take,
            cancel_callback=lambda: False,  # it ends the first of Ansible's processes, and the others go on
            quiet=True,
            ident="toe",
        )
        follower = _Follower(events, hear, keep)
        told: set[str] = set()
        while thread.is_alive():
            thread.join(_LOOK_SECONDS)
            follower.look()
            if is_stopped():
                kill_descendants()
                thread.join()
            for host in [host for host in results if host not in told]:
                told.add(host)
                ended(host, results[host])
        follower.look()
        for host in [host for host in results if host not in told]:
            ended(host, results[host])
        hosts = _hosts_of_the_play(events)
        if not results and not hosts and not is_stopped():
            raise ToeError("Ansible asked no host for anything", hint=_last_lines(runner))
    return {host: results.get(host, {}) for host in sorted({*hosts, *results})}


def _arguments(order: FleetOrder, folder: Path) -> str:
    words = ["--inventory", order.inventory]
    if order.limit:
        limit = folder / "limit"
        limit.write_text("".join(f"{name}\n" for name in order.limit.split("\n")))
        words += ["--limit", f"@{limit}" if "\n" in order.limit else order.limit]
    if order.forks:
        words += ["--forks", order.forks]
    if order.become_password_file:
        words += ["--become-password-file", order.become_password_file]
    return shlex.join(words)


def _environment(folder: Path) -> dict[str, str]:
    paths = [collections_folder(), *os.environ.get("ANSIBLE_COLLECTIONS_PATH", "").split(os.pathsep)]
    if paths[1:] == [""]:
        paths[1:] = [os.path.expanduser("~/.ansible/collections"), "/usr/share/ansible/collections"]
    return {
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]),
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(paths),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "ssh"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_NOCOLOR": "True",
        "ANSIBLE_FORCE_COLOR": "False",
    }


@contextmanager
def _private_folder() -> Iterator[Path]:
    """For this user alone; at the end nothing is left of it, and no connection."""
    base = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(prefix="toe-", dir="/tmp" if len(base) > _LONGEST_FOLDER else base) as name:
        folder = Path(name)
        try:
            yield folder
        finally:
            _close_connections(folder / "ssh")


def _close_connections(folder: Path) -> None:
    """End the connections that Ansible has kept, all at once."""
    closing = []
    for socket in folder.glob("*"):
        argv = ["ssh", "-O", "exit", "-o", f"ControlPath={socket}", "any"]
        with suppress(OSError):
            quiet = subprocess.DEVNULL
            closing.append(subprocess.Popen(argv, stdin=quiet, stdout=quiet, stderr=quiet))
    for process in closing:
        try:
            process.wait(timeout=_CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class _Follower:
    """Reads what the hosts' tasks append to the files of a folder."""

    def __init__(self, folder: Path, hear: Callable[[str, Event], None], keep: Callable[[str, bytes], None]) -> None:
        self._folder = folder
        self._hear = hear
        self._keep = keep
        self._read: dict[Path, int] = {}
        self._followed: dict[Path, Followed] = {}

    def look(self) -> None:
        for path in self._folder.glob("*.jsonl"):
            if path not in self._followed:
                self._followed[path] = Followed(self._teller(path.stem), partial(self._keep, path.stem))
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                data = file.read()
            if data:
                self._read[path] = self._read.get(path, 0) + len(data)
                self._followed[path].take(data)

    def _teller(self, host: str) -> Callable[[Event], None]:
        return lambda event: self._hear(host, event)


def _hosts_of_the_play(events: Path) -> list[str]:
    with suppress(OSError, ValueError):
        return list(json.loads((events / "hosts.json").read_text()))
    return []


def _last_lines(runner: Any) -> str:
    """What Ansible printed, without its decoration."""
    with suppress(Exception), runner.stdout as file:
        lines = [line.strip() for line in file.read().splitlines()]
        said = [line for line in lines if line.strip("* ") and not line.startswith(("PLAY", "TASK"))]
        return " ".join(said[-_SHOWN_LINES:])
    return ""
