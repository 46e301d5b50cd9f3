"""What is asked of many hosts at once, and the playbook that says so to Ansible."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from toe.fleet.parcel import Asked
from toe.records import NamedTuple

#: Variables of the inventory that a host, or a group, may have, and the option of toe.toe.run that each is.
HOST_VARIABLES = {
    "toe_executable": "executable",
    "toe_installed": "installed",
    "toe_extras": "extras",
    "toe_remote_directory": "remote_directory",
    "toe_reboot_command": "reboot_command",
    "toe_boot_time_command": "boot_time_command",
    "toe_reboot_timeout": "reboot_timeout",
    "toe_reconnect_timeout": "reconnect_timeout",
}


class FleetOrder(NamedTuple):
    """`asked` is run on the hosts of `inventory` (as Ansible takes it) that `limit` names, "" for all.

    `serial` is how many at a time, or a part (`25%`), "" for all; `forks` is how many connections, "" for Ansible's
    number. `become_password_file` has the password that sudo asks for, "" where it asks for none. `logs` is the folder
    that gets a folder for each host. `executable` "" leaves that to the inventory; where it says nothing `made` is
    taken, the file that was made of this `toe` before, "" where there is none.
    """

    asked: Asked
    inventory: str
    logs: str
    limit: str = ""
    serial: str = ""
    forks: str = ""
    become: bool = False
    become_password_file: str = ""
    executable: str = ""
    made: str = ""
    reboot: bool = True


class _Literal(str):
    """A text in which Ansible looks for no template, and which it does not print."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(_Literal, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style='"'))


def write_playbook(order: FleetOrder, folder: Path, events: Path) -> Path:
    """Write the playbook and, apart from it, what may be secret; both for this user alone. Returns the playbook."""
    asked = order.asked
    values = {
        "documents": [_document(path, asked.own.get(path, {})) for path in asked.documents],
        "parameters": dict(asked.parameters),
        "phases": list(asked.phases),
        "mask": list(asked.mask),
        "blocked_action_modules": list(asked.blocked),
        "execution_id": asked.execution_id,
        "max_reboots": asked.max_reboots,
        "options": list(asked.options),
        "fetch_to": order.logs,
        "events_to": str(events),
    }
    _write(folder / "order.yml", yaml.dump({"toe_order": _literal(values)}, Dumper=_Dumper, allow_unicode=True))
    task: dict[str, Any] = {option: f"{{{{ {name} | default(omit) }}}}" for name, option in HOST_VARIABLES.items()}
    task |= {name: f"{{{{ toe_order.{name} }}}}" for name in values}
    task["reboot"] = order.reboot
    if order.made:  # then no host's task need find out what this `toe` is made of
        task["executable"] = "{{ toe_executable | default(omit if toe_extras is defined else toe_made) }}"
    play: dict[str, Any] = {
        "hosts": "all",
        "gather_facts": False,
        "become": order.become,
        "vars_files": [str(folder / "order.yml")],
        "tasks": [{"name": "toe", "toe.toe.run": task}],
    }
    if order.executable:
        play["vars"] = {"toe_executable": os.path.abspath(order.executable)}
    elif order.made:
        play["vars"] = {"toe_made": order.made}
    if order.serial:
        play["serial"] = order.serial
    path = folder / "playbook.json"
    _write(path, json.dumps([play]))
    return path


def _document(path: str, parameters: Mapping[str, Any]) -> Any:
    return {"path": path, "parameters": dict(parameters)} if parameters else path


def _literal(value: Any) -> Any:
    if isinstance(value, str):
        return _Literal(value)
    if isinstance(value, dict):
        return {str(key): _literal(item) for key, item in value.items()}
    return [_literal(item) for item in value]


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
