"""Why a step that asks for a reboot must fail. How a reboot is done is the caller's business."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from toe.engine.state import RunState

#: Set to anything but "" or "0": a step that asks for a reboot fails instead.
NO_REBOOT_VARIABLE = "TOE_NO_REBOOT"
#: AWSTOE's limit, the Systems Manager agent's CommandRetryLimit (reference, section 8).
MAX_REBOOTS = 15


class RebootObstacle:
    """`most` is how often the run may reboot, `of_caller` what the caller has against it ("" for nothing)."""

    def __init__(
        self, environment: Mapping[str, str], state: RunState, most: int, of_caller: Callable[[], str]
    ) -> None:
        self._environment = environment
        self._state = state
        self._most = most
        self._of_caller = of_caller

    def text(self) -> str:
        """The reason, as it follows "the step asked for a reboot, and"; "" when there is none."""
        if self._environment.get(NO_REBOOT_VARIABLE, "") not in ("", "0"):
            return f"reboots are forbidden here ({NO_REBOOT_VARIABLE})"
        if self._state.reboots >= self._most:
            return f"this run has rebooted {self._state.reboots} times already, the most that is allowed"
        return self._of_caller()
