"""A resume trigger that is a task of Windows' Task Scheduler, as AWSTOE has it."""

from __future__ import annotations

import os
import sys
from xml.sax.saxutils import escape

from toe.errors import ToeError
from toe.system.host import Host
from toe.system.resume.command import ResumeCommand
from toe.system.resume.durable_files import remove_durably, write_durably
from toe.system.resume.programs import Finished, run_program
from toe.system.resume.script import write_python_script
from toe.system.resume.trigger import Trigger
from toe.system.windows.command_line import quoted
from toe.system.windows.program import system_program

_TIMEOUT_SECONDS = 60
_MODE = 0o600
_XML_ENDING = ".task.xml"
# Priority 5 is that of ordinary programs; tasks get less by default, of the disk as well.
_TASK = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>toe goes on with {execution_id} after the reboot</Description>
  </RegistrationInfo>
  <Triggers>
    <BootTrigger>
      <Enabled>true</Enabled>
    </BootTrigger>
  </Triggers>
  <Principals>
    <Principal id="System">
      <UserId>S-1-5-18</UserId>
      <RunLevel>HighestAvailable</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>5</Priority>
  </Settings>
  <Actions Context="System">
    <Exec>
      <Command>{command}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"""


class ScheduledTaskTrigger(Trigger):
    """The task `toe-resume-ID`, which runs the resume script by toe's own Python, as SYSTEM at the next boot."""

    name = "Task Scheduler"

    def __init__(self, host: Host, state_directory: str) -> None:
        super().__init__(host, state_directory)
        self._program = system_program("schtasks.exe", host.environment)

    def obstacle(self) -> str:
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

    def _write_script(self, command: ResumeCommand) -> None:
        write_python_script(command)

    def _have_it_started(self, command: ResumeCommand) -> None:
        description = command.script_path + _XML_ENDING
        name = task_name(command.execution_id)
        try:
            write_durably(description, task_text(command.execution_id, command.argv[0], command.script_path), _MODE)
            done = self._schtasks("/Create", "/TN", name, "/XML", description, "/RU", "SYSTEM", "/F")
            if done.exit_code:
                raise ToeError(f"the task '{name}' cannot be made: {done.complaint}")
        finally:
            remove_durably(description)

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


def task_name(execution_id: str) -> str:
    """The task of an execution; what an execution id may hold can stand in the name of a task."""
    return f"toe-resume-{execution_id}"


def task_text(execution_id: str, python: str, script_path: str) -> bytes:
    """The task at boot, as SYSTEM, for as long as it takes, also on batteries: Python runs a script.

    Both paths must be `can_stand_in_a_task`. -I: nothing that lies about is taken for a module of Python.
    """
    arguments = " ".join(("-I", quoted(script_path)))
    text = _TASK.format(execution_id=execution_id, command=escape(python), arguments=escape(arguments))
    return text.replace("\n", "\r\n").encode("utf-16")


def can_stand_in_a_task(path: str) -> bool:
    """Whether a task can name this path: between two percent signs the scheduler looks for a variable."""
    try:
        path.encode("utf-16")
    except UnicodeEncodeError:
        return False
    return "%" not in path and not any(character < " " for character in path)
