"""A host as Ansible reaches it: the script goes through the connection of a task, in bounded time."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from ansible.errors import AnsibleConnectionFailure

from toe.errors import ToeError
from toe.fleet.answers import Answer, NoAnswerError, command, read_answer
from toe.fleet.host_run import LinkLostError
from toe.system.processes.descendants import children, terminate

#: A host that does not answer for this long is lost. ssh counts, also for a connection that several tasks share.
KEEP_ALIVE = "-o ServerAliveInterval=5 -o ServerAliveCountMax=3"
_USUAL_ARGUMENTS = "-C -o ControlMaster=auto -o ControlPersist=60s"
#: What ssh says of a connection that had been made, and nothing where it shared one whose master has ended.
_WAS_THERE = re.compile(r"over ssh: *$|closed by remote host|not responding|client_loop|[Bb]roken pipe|mux_client")
_OWN_LIMIT_CODES = (-signal.SIGTERM, 128 + signal.SIGTERM)


class AnsibleLink:
    """The connection of a task (an ActionBase), with its become, to a host with a POSIX shell."""

    is_windows = False

    def __init__(self, action: Any) -> None:
        self._action = action
        connection = action._connection
        if not connection.has_pipelining:
            raise ToeError(
                f"connections by '{connection.transport}' take no input, which toe.toe.run needs",
                hint="use ssh, local, podman or docker; winrm or psrp for Windows",
            )
        if connection.transport.rpartition(".")[2] == "ssh":
            self._set_up_ssh()

    def _set_up_ssh(self) -> None:
        """Have a lost host be noticed, and do without compression, unless the inventory or the configuration says how.

        The file that hosts get is packed already, and packing it once more takes longer than sending it.
        """
        connection = self._action._connection
        given = {name: connection.get_option(name) or "" for name in ("ssh_args", "ssh_common_args", "ssh_extra_args")}
        if given["ssh_args"] == _USUAL_ARGUMENTS:
            connection.set_option("ssh_args", _USUAL_ARGUMENTS.removeprefix("-C "))
        if "ServerAliveInterval" not in " ".join(given.values()):
            connection.set_option("ssh_extra_args", f"{given['ssh_extra_args']} {KEEP_ALIVE}".strip())

    def ask(self, words: Mapping[str, str], data: bytes, limit_seconds: float) -> Answer:
        """See `Link.ask`."""
        before = children()
        try:
            with _ended_after(limit_seconds, before) as is_over:
                done = self._execute(words, data)
        except AnsibleConnectionFailure as error:
            told = str(error)
            raise LinkLostError(_first_line(told), was_there=bool(_WAS_THERE.search(told))) from error
        try:
            return read_answer(str(done["stdout"]))
        except NoAnswerError as error:
            told = _first_line(done["stderr"]) or _first_line(done["stdout"]) or error.message
            if is_over.is_set() or done["rc"] in _OWN_LIMIT_CODES or done["rc"] == 255:
                raise LinkLostError(told) from error
            raise ToeError(f"the host's shell failed with {done['rc']}: {told}") from error

    def _execute(self, words: Mapping[str, str], data: bytes) -> dict[str, Any]:
        """What the connection gives back: `rc`, `stdout` and `stderr`."""
        return dict(self._action._low_level_execute_command(command(words), in_data=data or None))

    def reset(self) -> None:
        """Have the next call connect anew."""
        with suppress(Exception), _ended_after(10.0, children()):
            self._action._connection.reset()


@contextmanager
def _ended_after(seconds: float, before: frozenset[int]) -> Iterator[threading.Event]:
    """End what this process started meanwhile (ssh) when the time is over: keep-alive sees no host that hangs."""
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        terminate(children() - before)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
