"""The systemd unit that starts a run again: its name and its text. Pure."""

from __future__ import annotations

UNIT_FOLDER = "/etc/systemd/system"
RUNTIME_FOLDER = "/run/systemd/system"

# Type=simple, not oneshot: a oneshot is "starting" as long as the run lasts, and with it the whole boot, so that a step
# that waits for it (`systemctl is-system-running --wait`) would wait for itself. For the same reason the unit stands
# after multi-user.target, which then does not wait for the unit that it wants.
# KillMode=process: background processes of steps outlive the run.
_TEXT = """\
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


def unit_name(execution_id: str) -> str:
    """The unit of an execution; what an execution id may hold can stand in the name of a unit."""
    return f"toe-resume-{execution_id}.service"


def unit_text(execution_id: str, script_path: str) -> str:
    """The unit that runs a script, whose path must be `can_stand_in_a_unit`."""
    path = script_path.replace("%", "%%")
    argument = path.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    name = unit_name(execution_id)
    return _TEXT.format(
        execution_id=execution_id, path=path, argument=argument, name=name, runtime_folder=RUNTIME_FOLDER
    )


def can_stand_in_a_unit(path: str) -> bool:
    """Whether systemd can read this path: units are lines of UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return not any(character < " " or character == "\x7f" for character in path)
