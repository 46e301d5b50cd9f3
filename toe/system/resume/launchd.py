"""A resume trigger of macOS: a property list among launchd's daemons. No launchctl: the next boot reads it anew."""

from __future__ import annotations

import os
import plistlib

from toe.errors import ToeError
from toe.system.host import Host
from toe.system.resume.command import ResumeCommand
from toe.system.resume.durable_files import remove_durably, write_durably
from toe.system.resume.programs import below
from toe.system.resume.trigger import Trigger

FOLDER = "/Library/LaunchDaemons"
# launchd refuses what others may write.
_MODE = 0o644


class LaunchdTrigger(Trigger):
    """The daemon `toe.resume.ID`, started once at the next boot."""

    name = "launchd"

    def __init__(self, host: Host, state_directory: str, root: str = "/") -> None:
        super().__init__(host, state_directory, root)
        self._folder = below(root, FOLDER)

    def obstacle(self) -> str:
        if not self._host.is_root:
            return "only root may install a daemon"
        if not os.path.isdir(self._folder) or not os.access(self._folder, os.W_OK | os.X_OK):
            return f"{FOLDER} cannot be written"
        try:
            daemon_text("", os.path.abspath(self._state_directory))
        except ValueError:
            return "the path of the state directory cannot stand in a property list"
        return ""

    def _have_it_started(self, command: ResumeCommand) -> None:
        try:
            text = daemon_text(command.execution_id, command.script_path)
        except ValueError as error:
            raise ToeError(f"the path '{command.script_path}' cannot stand in a property list") from error
        write_durably(self._path(command.execution_id), text, _MODE)

    def remove(self, execution_id: str) -> None:
        """As `Trigger.remove`. Without its file a daemon is not started again.

        No `launchctl bootout`: before the boot launchd knows nothing of the daemon, and after it the daemon is the run
        that calls this, which `bootout` would end.
        """
        remove_durably(self._path(execution_id))

    def _path(self, execution_id: str) -> str:
        return os.path.join(self._folder, f"{daemon_label(execution_id)}.plist")


def daemon_label(execution_id: str) -> str:
    """launchd's name for the daemon of an execution."""
    return f"toe.resume.{execution_id}"


def daemon_text(execution_id: str, script_path: str) -> bytes:
    """The property list that runs a script at boot. Raises ValueError for a path that XML cannot hold.

    AbandonProcessGroup: background processes of steps outlive the run.
    """
    return plistlib.dumps(
        {
            "Label": daemon_label(execution_id),
            "ProgramArguments": ["/bin/sh", script_path],
            "RunAtLoad": True,
            "LaunchOnlyOnce": True,
            "AbandonProcessGroup": True,
            "ProcessType": "Interactive",
        }
    )
