"""A resume trigger that is a systemd unit, enabled by its link. No systemctl: the next boot reads the files anew."""

from __future__ import annotations

import os
from contextlib import suppress

from toe.errors import ToeError
from toe.system.host import Host
from toe.system.resume.command import ResumeCommand
from toe.system.resume.durable_files import remove_durably, reported, sync_folder_of, write_durably
from toe.system.resume.programs import below
from toe.system.resume.script_file import installing
from toe.system.resume.unit import RUNTIME_FOLDER, UNIT_FOLDER, can_stand_in_a_unit, unit_name, unit_text

_WANTS = "multi-user.target.wants"
_UNIT_MODE = 0o644
_FOLDER_MODE = 0o755


class SystemdTrigger:
    """The unit `toe-resume-ID.service`, wanted by multi-user.target. `root`: where the system's paths begin."""

    name = "systemd"

    def __init__(self, host: Host, state_directory: str, root: str = "/") -> None:
        self._is_root = host.is_root
        self._state_directory = state_directory
        self._root = root
        self._folder = below(root, UNIT_FOLDER)

    def obstacle(self) -> str:
        """As `Trigger.obstacle`."""
        if not self._is_root:
            return "only root may install a unit"
        if not os.path.isdir(below(self._root, RUNTIME_FOLDER)):
            return "this machine was not booted by systemd"
        if not os.path.isdir(self._folder) or not os.access(self._folder, os.W_OK | os.X_OK):
            return f"{UNIT_FOLDER} cannot be written"
        if not can_stand_in_a_unit(os.path.abspath(self._state_directory)):
            return "the path of the state directory cannot stand in a unit"
        return ""

    def install(self, command: ResumeCommand) -> None:
        """As `Trigger.install`. The link is made last: without it nothing is started."""
        unit, link = self._paths(command.execution_id)
        with installing(self, command):
            write_durably(unit, unit_text(command.execution_id, command.script_path).encode(), _UNIT_MODE)
            with reported("create", link):
                _make_folder(os.path.dirname(link))
                with suppress(FileExistsError):
                    os.symlink(os.path.join(os.pardir, os.path.basename(unit)), link)
                sync_folder_of(link)

    def remove(self, execution_id: str) -> None:
        """As `Trigger.remove`. Called by the run that this unit started, it leaves the unit in force until its end.

        Without a file, a `systemctl daemon-reload` (any package may do one) would give the running unit systemd's
        defaults, and the end of the run would kill what its steps left in the background. What lies in /run is gone
        with the next boot; the unit itself deletes it before that.
        """
        unit, link = self._paths(execution_id)
        remove_durably(link)
        if self._is_running_as(os.path.basename(unit)):
            self._keep_until_the_end(unit)
        remove_durably(unit)

    def _paths(self, execution_id: str) -> tuple[str, str]:
        """The unit's file, and the link that enables it."""
        name = unit_name(execution_id)
        return os.path.join(self._folder, name), os.path.join(self._folder, _WANTS, name)

    def _is_running_as(self, name: str) -> bool:
        """Whether this process is part of that unit."""
        try:
            with open(below(self._root, "/proc/self/cgroup"), encoding="utf-8", errors="replace") as file:
                return any(name in line.rstrip("\n").split("/") for line in file)
        except OSError:
            return False

    def _keep_until_the_end(self, unit: str) -> None:
        with suppress(OSError, ToeError):  # there was none, or /run is full: the worst is what is said above
            with open(unit, "rb") as file:
                text = file.read()
            write_durably(os.path.join(below(self._root, RUNTIME_FOLDER), os.path.basename(unit)), text, _UNIT_MODE)


def _make_folder(path: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(path)
        os.chmod(path, _FOLDER_MODE)
        sync_folder_of(path)
