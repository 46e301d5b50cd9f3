"""The kinds of triggers that resume a run after a reboot: which of them serves here, and the removal of them all."""

from __future__ import annotations

import sys

from toe.errors import ToeError
from toe.system.host import Host
from toe.system.resume.command import resume_script_path
from toe.system.resume.durable_files import remove_durably
from toe.system.resume.launchd import LaunchdTrigger
from toe.system.resume.scheduled_task import ScheduledTaskTrigger
from toe.system.resume.systemd import SystemdTrigger
from toe.system.resume.trigger import Trigger

if sys.platform != "win32":
    from toe.system.resume.cron import CronTrigger

_HINT = "with '--reboot exit' toe ends with the exit code for a reboot instead; run it again after the boot"


def resume_triggers(host: Host, state_directory: str, root: str = "/") -> tuple[Trigger, ...]:
    """The kinds that this operating system may have, the preferred one first. `root`: where its paths begin."""
    if host.platform == "windows":
        return (ScheduledTaskTrigger(host, state_directory),)
    if host.platform == "darwin":
        return (LaunchdTrigger(host, state_directory, root),)
    if sys.platform != "win32":
        return SystemdTrigger(host, state_directory, root), CronTrigger(host, state_directory, root)
    return ()


def choose_trigger(host: Host, state_directory: str, root: str = "/") -> Trigger:
    """The first kind that can be used here. Raises ToeError that says for each what is missing."""
    if not host.is_root:
        who = "an administrator" if host.platform == "windows" else "root"
        raise ToeError(f"only {who} can have a run go on after a reboot", hint=_HINT)
    obstacles = []
    for trigger in resume_triggers(host, state_directory, root):
        obstacle = trigger.obstacle()
        if not obstacle:
            return trigger
        obstacles.append(f"{trigger.name}: {obstacle}")
    raise ToeError(f"nothing here can have the run go on after a reboot: {'; '.join(obstacles)}", hint=_HINT)


def remove_triggers(host: Host, state_directory: str, execution_id: str, root: str = "/") -> None:
    """Take away whatever was installed for an execution, of every kind, and at last its script.

    As long as the script is there, something may be left. Raises ToeError after all kinds were tried.
    """
    failed: ToeError | None = None
    for trigger in resume_triggers(host, state_directory, root):
        try:
            trigger.remove(execution_id)
        except ToeError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    remove_durably(resume_script_path(state_directory, execution_id))
