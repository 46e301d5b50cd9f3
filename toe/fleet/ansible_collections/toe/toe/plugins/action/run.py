"""The action of `toe.toe.run`; toe.fleet, which comes with `toe`, does all of it."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from toe.fleet.ansible_run import OPTIONS, run_task


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible has no types
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _VALID_ARGS = OPTIONS

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        return {**super().run(tmp, task_vars), **run_task(self, task_vars or {})}
