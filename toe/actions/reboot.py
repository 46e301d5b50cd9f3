"""Reboot: restart the machine and go on with the next step (reference, sections 6 and 8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from toe.actions.base import LINUX, WINDOWS, Context, Doc, InputFault, Reboot, action
from toe.model import INFINITE_TIMEOUT, Entry
from toe.records import NamedTuple


class Inputs(NamedTuple):
    """When."""

    delay_seconds: Annotated[int, Doc("Seconds to wait before the reboot.", examples=(30,))] = 0


def check(entry: Entry) -> Iterator[InputFault]:
    """The delay is not negative."""
    delay = entry.get("delaySeconds")
    if isinstance(delay, int) and delay < 0:
        yield InputFault("delaySeconds", f"'delaySeconds' is 0 or more, not {delay}")


@action("Reboot", Inputs, platforms=(LINUX, WINDOWS), check=check, fixed_timeout=INFINITE_TIMEOUT, reboots=True)
def reboot(inputs: Inputs, ctx: Context) -> Reboot:
    """Reboot the machine; the run goes on with the next step."""
    return Reboot(ctx.host.reboot_exit_code, same_step=False, delay_seconds=inputs.delay_seconds)
