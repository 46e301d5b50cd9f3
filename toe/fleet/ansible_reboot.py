"""Reboots a host as Ansible does it, and waits for it: ansible.builtin.reboot, ansible.windows.win_reboot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from toe.errors import ToeError
from toe.records import NamedTuple


class _Plugin(NamedTuple):
    """`passed` are the arguments of toe.toe.run that it has too."""

    name: str
    passed: tuple[str, ...]


_POSIX = _Plugin("ansible.builtin.reboot", ("reboot_timeout", "reboot_command", "boot_time_command"))
_WINDOWS = _Plugin("ansible.windows.win_reboot", ("reboot_timeout", "boot_time_command"))


def rebooter(
    action: Any, args: Mapping[str, Any], task_vars: Mapping[str, Any], *, of_windows: bool
) -> Callable[[], None]:
    """What reboots the host of a task (an ActionBase). Raises ToeError for an argument that the host's way has not."""
    plugin = _WINDOWS if of_windows else _POSIX
    for name in _POSIX.passed:
        if args.get(name) and name not in plugin.passed:
            raise ToeError(f"'{name}' is not for hosts with Windows", hint=f"{plugin.name} reboots them")

    def reboot() -> None:
        task = action._task.copy()
        task.action = plugin.name
        task.args = {name: args[name] for name in plugin.passed if args.get(name)}
        loaded = action._shared_loader_obj.action_loader.get(
            plugin.name,
            task=task,
            connection=action._connection,
            play_context=action._play_context,
            loader=action._loader,
            templar=action._templar,
            shared_loader_obj=action._shared_loader_obj,
        )
        if loaded is None:
            collection = plugin.name.rpartition(".")[0]
            raise ToeError(
                f"the run waits for a reboot of the host, and {plugin.name} is not installed here",
                hint=f"'ansible-galaxy collection install {collection}'; the same order goes on",
            )
        done = loaded.run(task_vars=task_vars)
        if done.get("failed") or not done.get("rebooted"):
            raise ToeError(f"the host was not rebooted: {done.get('msg', 'no reason is given')}")

    return reboot
