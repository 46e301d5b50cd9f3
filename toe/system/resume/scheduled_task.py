"""A resume trigger that is a task of Windows' Task Scheduler, as AWSTOE has it. Not its XML: `task_xml.py`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from toe.errors import ToeError
from toe.system.host import Host
from toe.system.resume.command import ResumeCommand
from toe.system.resume.durable_files import remove_durably, write_durably
from toe.system.resume.programs import Finished, run_program
from toe.system.resume.python_script import python_script_text
from toe.system.resume.task_xml import can_stand_in_a_task, task_name, task_text
from toe.system.windows.program import system_program

_TIMEOUT_SECONDS = 60
_MODE = 0o600
_XML_ENDING = ".task.xml"


class ScheduledTaskTrigger:
    """The task `toe-resume-ID`, which runs the resume script by toe's own Python, as SYSTEM at the next boot."""

    name = "Task Scheduler"

    def __init__(self, host: Host, state_directory: str) -> None:
        self._host = host
        self._state_directory = state_directory
        self._program = system_program("schtasks.exe", host.environment)

    def obstacle(self) -> str:
        """As `Trigger.obstacle`."""
        if not self._host.is_root:
            return "only an administrator may have the system start something"
        if not os.path.isfile(self._program):
            return f"there is no '{self._program}'"
        if not all(map(can_stand_in_a_task, (os.path.abspath(self._state_directory), sys.executable))):
            return "the path of the state directory or of Python cannot stand in a task"
        try:
            distrust = _distrust(self._state_directory)
            listed = self._schtasks("/Query")
        except (OSError, ToeError) as error:
            return str(error)
        return distrust or (f"schtasks /Query: {listed.complaint}" if listed.exit_code else "")

    def install(self, command: ResumeCommand) -> None:
        """As `Trigger.install`. The task comes last: without it nothing is started."""
        description = command.script_path + _XML_ENDING
        name = task_name(command.execution_id)
        try:
            write_durably(command.script_path, python_script_text(command).encode(), _MODE)
            write_durably(description, task_text(command.execution_id, command.argv[0], command.script_path), _MODE)
            done = self._schtasks("/Create", "/TN", name, "/XML", description, "/RU", "SYSTEM", "/F")
            if done.exit_code:
                raise ToeError(f"the task '{name}' cannot be made: {done.complaint}")
            remove_durably(description)
        except BaseException:
            with suppress(ToeError):
                self.remove(command.execution_id)
            for path in (description, command.script_path):
                with suppress(ToeError):
                    remove_durably(path)
            raise

    def remove(self, execution_id: str) -> None:
        """As `Trigger.remove`. A task that is running goes on to its end."""
        if not self._host.is_root or not os.path.isfile(self._program):
            return
        name = task_name(execution_id)
        deleted = self._schtasks("/Delete", "/TN", name, "/F")
        if deleted.exit_code and not self._schtasks("/Query", "/TN", name).exit_code:
            raise ToeError(f"the task '{name}' cannot be deleted: {deleted.complaint}")

    def _schtasks(self, *arguments: str) -> Finished:
        return run_program([self._program, *arguments], self._host.environment, timeout_seconds=_TIMEOUT_SECONDS)


def _distrust(state_directory: str) -> str:
    """Why the system must not run what lies in the state directory. Raises OSError."""
    if sys.platform != "win32":  # there is nobody to ask, and no such system
        return ""
    from toe.system.windows.owner import distrust_of_folder

    return distrust_of_folder(os.path.abspath(state_directory))
