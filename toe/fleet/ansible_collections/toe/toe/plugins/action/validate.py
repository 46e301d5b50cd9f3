"""The action of `toe.toe.validate`, on the controller."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from toe.fleet.ansible_run import VALIDATE_OPTIONS, validate_task


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible has no types
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _requires_connection = False
    _VALID_ARGS = VALIDATE_OPTIONS

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        return {**super().run(tmp, task_vars), **validate_task(self._task.args)}
