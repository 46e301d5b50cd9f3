"""A resume trigger that is a systemd unit, enabled by its link. No systemctl: the next boot reads the files anew."""

from __future__ import annotations

import os
from contextlib import suppress

from toe.errors import ToeError
from toe.system.files.staging import sync_folder
from toe.system.host import Host
from toe.system.resume.command import ResumeCommand
from toe.system.resume.durable_files import remove_durably, reported, write_durably
from toe.system.resume.programs import below
from toe.system.resume.trigger import Trigger

UNIT_FOLDER = "/etc/systemd/system"
RUNTIME_FOLDER = "/run/systemd/system"
_WANTS = "multi-user.target.wants"
_UNIT_MODE = 0o644
_FOLDER_MODE = 0o755

# Type=simple, not oneshot: a oneshot is "starting" as long as the run lasts, and with it the whole boot, so that a step
# that waits for it (`systemctl is-system-running --wait`) would wait for itself. For the same reason the unit stands
# after multi-user.target, which then does not wait for the unit that it wants.
# KillMode=process: background processes of steps outlive the run.
_UNIT = """\
[Unit]
Description=toe goes on with {execution_id} after the reboot
ConditionPathExists={path}
Wants=network-online.target
After=multi-user.target network-online.target

[Service]
Type=simple
ExecStart=/bin/sh "{argument}"
ExecStopPost=-/bin/rm -f {runtime_folder}/{name}
KillMode=process
StandardInput=null
StandardOutput=journal
StandardError=journal
"""


class SystemdTrigger(Trigger):
    """The unit `toe-resume-ID.service`, wanted by multi-user.target."""

    name = "systemd"

    def __init__(self, host: Host, state_directory: str, root: str = "/") -> None:
        super().__init__(host, state_directory, root)
        self._folder = below(root, UNIT_FOLDER)

    def obstacle(self) -> str:
        if not self._host.is_root:
            return "only root may install a unit"
        if not os.path.isdir(below(self._root, RUNTIME_FOLDER)):
            return "this machine was not booted by systemd"
        if not os.path.isdir(self._folder) or not os.access(self._folder, os.W_OK | os.X_OK):
            return f"{UNIT_FOLDER} cannot be written"
        if not can_stand_in_a_unit(os.path.abspath(self._state_directory)):
            return "the path of the state directory cannot stand in a unit"
        return ""

    def _have_it_started(self, command: ResumeCommand) -> None:
        unit, link = self._paths(command.execution_id)
        write_durably(unit, unit_text(command.execution_id, command.script_path).encode(), _UNIT_MODE)
        with reported("create", link):  # comes last: without the link nothing is started
            _make_folder(os.path.dirname(link))
            with suppress(FileExistsError):
                os.symlink(os.path.join(os.pardir, os.path.basename(unit)), link)
            sync_folder(os.path.dirname(link))

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
        sync_folder(os.path.dirname(path))


def unit_name(execution_id: str) -> str:
    """The unit of an execution; what an execution id may hold can stand in the name of a unit."""
    return f"toe-resume-{execution_id}.service"


def unit_text(execution_id: str, script_path: str) -> str:
    """The unit that runs a script, whose path must be `can_stand_in_a_unit`."""
    path = script_path.replace("%", "%%")
    argument = path.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    name = unit_name(execution_id)
    return _UNIT.format(
        execution_id=execution_id, path=path, argument=argument, name=name, runtime_folder=RUNTIME_FOLDER
    )


def can_stand_in_a_unit(path: str) -> bool:
    """Whether systemd can read this path: units are lines of UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return not any(character < " " or character == "\x7f" for character in path)
