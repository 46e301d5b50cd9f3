"""The reboots that a run asks for (reference, section 8): whether there can be one, and who does it.

Loaded when a step asks for a reboot, and when a run goes on.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping

from toe.engine.decide import GOES_ON
from toe.errors import EXIT_FAILED, ToeError
from toe.execution_names import safe_name
from toe.results import RunResult
from toe.session.order import AUTO, NEVER, SYSTEM, Order
from toe.session.prepare import Prepared
from toe.system.boot import memory_file_system
from toe.system.host import Host
from toe.system.resume.agent import is_under_agent
from toe.system.resume.command import ResumeCommand, resume_script_path
from toe.system.resume.reboot import reboot_machine, reboot_obstacle
from toe.system.resume.triggers import choose_trigger, remove_triggers
from toe.words import counted

#: Set to anything but "" or "0": a step that asks for a reboot fails instead.
NO_REBOOT_VARIABLE = "TOE_NO_REBOOT"


def obstacle(order: Order, host: Host, reboots: int, kept: Mapping[str, str]) -> str:
    """Why a step that asks for a reboot must fail, "" when it need not; it follows "the step asked for a reboot, and".

    `reboots` is how often the run has rebooted. `kept` has the paths that it needs after the reboot, by what they are.
    """
    if host.environment.get(NO_REBOOT_VARIABLE, "") not in ("", "0"):
        return f"reboots are forbidden here ({NO_REBOOT_VARIABLE})"
    if reboots >= order.max_reboots:
        return f"this run has rebooted {counted(reboots, 'time')} already, the most that is allowed"
    for what, path in kept.items():
        kind = memory_file_system(path)
        if kind:
            return f"the {what} '{path}' is on a file system that a reboot empties ({kind})"
    if order.reboot == NEVER:
        return "reboots are forbidden here (--reboot never)"
    if not _is_ours(order, host):
        return ""
    try:
        choose_trigger(host, order.state_directory)
    except ToeError as error:
        return error.in_one_line
    return reboot_obstacle(host)


def forget(order: Order, host: Host, execution_id: str) -> None:
    """Take away what would start this run again at the next boot: it has been started."""
    if os.path.lexists(resume_script_path(order.state_directory, execution_id)):
        try:
            remove_triggers(host, order.state_directory, safe_name(execution_id))
        except ToeError as error:
            order.report(f"toe: warning: {error.message}")


def reboot(prepared: Prepared, host: Host, result: RunResult, report: Callable[[str], None]) -> RunResult:
    """Do what the run asked for, or leave it to the caller; returns the result with what came of it."""
    order = prepared.order
    if not _is_ours(order, host):
        return result
    name = safe_name(result.execution_id)
    try:
        choose_trigger(host, order.state_directory).install(_command(prepared, name))
        reboot_machine(host)
    except ToeError as error:
        # Nothing starts the run by itself any more: who reboots later may not want it to go on then.
        forget(order, host, result.execution_id)
        report(f"toe: error: {error.message}")
        report(f"  the run waits: reboot the machine, then 'toe resume {name}'")
        asked = result.failure_message.removesuffix(GOES_ON)
        message = f"{asked}; {error.message}: reboot it, then 'toe resume {name}'"
        return result._replace(failure_message=message, reboot=False, exit_code=EXIT_FAILED)
    return result


def _is_ours(order: Order, host: Host) -> bool:
    """Whether toe reboots the machine itself, and does not ask its caller to (exit code 194)."""
    return order.reboot == SYSTEM or (order.reboot == AUTO and not is_under_agent(host.environment))


def _command(prepared: Prepared, execution_id: str) -> ResumeCommand:
    """What the system is to start after the reboot.

    Of secret parameters the state has no values: only the script that resumes the run has them.
    """
    # `-m` would look for the package in the working directory first.
    start = "import sys; sys.path[:] = filter(None, sys.path); from toe.__main__ import main; main()"
    directory = prepared.order.state_directory
    argv = (sys.executable, "-c", start, "resume", execution_id, "--state-directory", directory, "--reboot", SYSTEM)
    secret = prepared.loader.secrets.names
    given = {name: value for values in prepared.order.given for name, value in values.items() if name in secret}
    return ResumeCommand(
        execution_id=execution_id,
        argv=(*argv, "--parameters", json.dumps(given)) if given else argv,
        working_directory=os.getcwd(),
        environment=prepared.order.environment,
        script_path=resume_script_path(directory, execution_id),
        output_path=os.path.join(directory, f"{execution_id}.out"),
        umask=_umask(),
    )


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
