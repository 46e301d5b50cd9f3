"""The task of Windows' Task Scheduler that starts a run again: its name and its text. Pure."""

from __future__ import annotations

from toe.system.windows.command_line import quoted

# Priority 5 is that of ordinary programs; tasks get less by default, of the disk as well.
_TEXT = """\
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


def task_name(execution_id: str) -> str:
    """The task of an execution; what an execution id may hold can stand in the name of a task."""
    return f"toe-resume-{execution_id}"


def task_text(execution_id: str, python: str, script_path: str) -> bytes:
    """The task at boot, as SYSTEM, for as long as it takes, also on batteries: Python runs a script.

    Both paths must be `can_stand_in_a_task`. -I: nothing that lies about is taken for a module of Python.
    """
    arguments = " ".join(("-I", quoted(script_path)))
    text = _TEXT.format(execution_id=execution_id, command=_escaped(python), arguments=_escaped(arguments))
    return text.replace("\n", "\r\n").encode("utf-16")


def can_stand_in_a_task(path: str) -> bool:
    """Whether a task can name this path: between two percent signs the scheduler looks for a variable."""
    try:
        path.encode("utf-16")
    except UnicodeEncodeError:
        return False
    return "%" not in path and not any(character < " " for character in path)


def _escaped(text: str) -> str:
    from xml.sax.saxutils import escape

    return escape(text)
