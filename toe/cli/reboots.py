"""What `--reboot` means on this machine, and the reboot that a run asked for (reference, section 8)."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from toe.cli.terminal import say, say_line
from toe.errors import EXIT_FAILED, ToeError
from toe.execution_names import safe_name
from toe.model import ParameterValue
from toe.results import RunResult
from toe.session.execute import MAX_REBOOTS
from toe.session.order import Order
from toe.system.host import Host

if TYPE_CHECKING:
    from toe.system.resume.command import ResumeCommand

AUTO, EXIT, SYSTEM, NEVER = "auto", "exit", "system", "never"
MODES = (AUTO, EXIT, SYSTEM, NEVER)


class Rebooter:
    """`most` is how often a run may reboot. Nothing is looked up before a step asks for a reboot.

    Of the parameters named in `secret` the state has no values: only the script that resumes the run has them.
    """

    def __init__(self, order: Order, host: Host, state_directory: str, secret: frozenset[str] = frozenset()) -> None:
        self._order = order
        self._host = host
        self._directory = state_directory
        self._secret = secret
        self._wanted = _mode(order.options["reboot"])
        self.most = _count(order.options["max_reboots"])

    def obstacle(self) -> str:
        """Why a step that asks for a reboot must fail, "" when it need not."""
        if self._wanted == NEVER:
            return "reboots are forbidden here (--reboot never)"
        if self._mode() == EXIT:
            return ""
        from toe.system.resume.reboot import reboot_obstacle
        from toe.system.resume.triggers import choose_trigger

        try:
            choose_trigger(self._host, self._directory)
        except ToeError as error:
            return f"{error.message} ({error.hint})"
        return reboot_obstacle(self._host)

    def forget(self, execution_id: str) -> None:
        """Take away what would start this run again at the next boot: it has been started."""
        from toe.system.resume.command import resume_script_path

        if os.path.lexists(resume_script_path(self._directory, execution_id)):
            from toe.system.resume.triggers import remove_triggers

            try:
                remove_triggers(self._host, self._directory, safe_name(execution_id))
            except ToeError as error:
                say_line(f"toe: warning: {error.message}")

    def reboot(self, result: RunResult) -> RunResult:
        """Do what the run asked for, or hand it to the caller; returns the result with what came of it."""
        if self._mode() == EXIT:
            return result
        from toe.system.resume.reboot import reboot_machine
        from toe.system.resume.triggers import choose_trigger

        try:
            choose_trigger(self._host, self._directory).install(self._command(safe_name(result.execution_id)))
            reboot_machine(self._host)
        except ToeError as error:
            return self._not_rebooted(result, error)
        return result

    def _not_rebooted(self, result: RunResult, error: ToeError) -> RunResult:
        """Nothing starts the run by itself any more: who reboots later may not want it to go on then."""
        from toe.engine.run_messages import GOES_ON

        self.forget(result.execution_id)
        say_line(f"toe: error: {error.message}")
        say(f"  the run waits: reboot the machine, then 'toe resume {safe_name(result.execution_id)}'")
        asked = result.failure_message.removesuffix(GOES_ON)
        message = f"{asked}; {error.message}: reboot it, then 'toe resume {safe_name(result.execution_id)}'"
        return result._replace(failure_message=message, reboot=False, exit_code=EXIT_FAILED)

    def _secret_parameters(self) -> list[str]:
        given: dict[str, ParameterValue] = {}
        for values in (self._order.parameters, *(request.parameters for request in self._order.requests)):
            for name in self._secret & values.keys():
                given[name] = values[name]
        return ["--parameters", json.dumps(given)] if given else []

    def _mode(self) -> str:
        if self._wanted != AUTO:
            return self._wanted
        from toe.system.resume.agent import is_under_agent

        return EXIT if is_under_agent(self._host.environment) else SYSTEM

    def _command(self, execution_id: str) -> ResumeCommand:
        from toe.system.resume.command import ResumeCommand, resume_script_path

        # `-m` would look for the package in the working directory first.
        start = "import sys; sys.path[:] = filter(None, sys.path); from toe.cli.main import main; main()"
        argv: tuple[str, ...] = (
            sys.executable,
            "-c",
            start,
            "resume",
            execution_id,
            "--state-directory",
            self._directory,
        )
        argv += ("--reboot", SYSTEM, *self._secret_parameters())
        script = resume_script_path(self._directory, execution_id)
        return ResumeCommand(
            execution_id=execution_id,
            argv=argv,
            working_directory=os.getcwd(),
            environment=self._host.environment,
            script_path=script,
            output_path=os.path.join(self._directory, f"{execution_id}.out"),
            umask=_umask(),
        )


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _mode(option: str | None) -> str:
    if option not in (None, *MODES):
        raise ToeError(f"unknown way to reboot '{option}'", hint=f"--reboot {', '.join(MODES)}")
    return option or AUTO


def _count(option: str | None) -> int:
    if option is None:
        return MAX_REBOOTS
    if not option.isdecimal():
        raise ToeError(f"--max-reboots is a number, not '{option}'")
    return int(option)
