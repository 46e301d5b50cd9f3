"""What has the system start a run again at the next boot: what all kinds of it have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress

from toe.errors import ToeError
from toe.system.host import Host
from toe.system.resume.command import ResumeCommand
from toe.system.resume.durable_files import remove_durably
from toe.system.resume.script import write_script


class Trigger(ABC):
    """One way to have the script of a run started at boot. `root`: where the system's paths begin.

    `name` is the word for it in messages.
    """

    name: str

    def __init__(self, host: Host, state_directory: str, root: str = "/") -> None:
        self._host = host
        self._state_directory = state_directory
        self._root = root

    @abstractmethod
    def obstacle(self) -> str:
        """Why it cannot be used on this machine, "" when it can. Changes nothing."""

    def install(self, command: ResumeCommand) -> None:
        """Write the command's script and have it run at the next boot; all is on the disk when this returns.

        Raises ToeError; what fails leaves nothing behind.
        """
        try:
            self._write_script(command)
            self._have_it_started(command)
        except BaseException:
            with suppress(ToeError):
                self.remove(command.execution_id)
            with suppress(ToeError):
                remove_durably(command.script_path)
            raise

    @abstractmethod
    def remove(self, execution_id: str) -> None:
        """Take away what was installed for an execution, but for the script; none being there is no error.

        Raises ToeError.
        """

    def _write_script(self, command: ResumeCommand) -> None:
        write_script(command)

    @abstractmethod
    def _have_it_started(self, command: ResumeCommand) -> None:
        """Have the script, which is written, run at the next boot. Raises ToeError."""
