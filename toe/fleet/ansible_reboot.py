"""Reboots a host as Ansible does it, and waits for it: ansible.builtin.reboot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from toe.errors import ToeError

#: Arguments of toe.toe.run that ansible.builtin.reboot has too.
_PASSED = ("reboot_timeout", "reboot_command", "boot_time_command")


def rebooter(action: Any, args: Mapping[str, Any], task_vars: Mapping[str, Any]) -> Callable[[], None]:
    """What reboots the host of a task (an ActionBase)."""

    def reboot() -> None:
        task = action._task.copy()
        task.action = "ansible.builtin.reboot"
        task.args = {name: args[name] for name in _PASSED if args.get(name)}
        loaded = action._shared_loader_obj.action_loader.get(
            "ansible.builtin.reboot",
            task=task,
            connection=action._connection,
            play_context=action._play_context,
            loader=action._loader,
            templar=action._templar,
            shared_loader_obj=action._shared_loader_obj,
        )
        done = loaded.run(task_vars=task_vars)
        if done.get("failed") or not done.get("rebooted"):
            raise ToeError(f"the host was not rebooted: {done.get('msg', 'no reason is given')}")

    return reboot
