"""One run on one host, from the first question to its log folder here.

The run on the host has a session of its own and outlives the connection. What is asked for again finds it: it is
watched, resumed or collected, and never started twice, for whoever makes the file of a part on the host runs it.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import IO, Any, Protocol

from toe.errors import EXIT_REBOOT_POSIX, EXIT_REBOOT_WINDOWS, ToeError
from toe.fleet.answers import (
    CUT,
    DAMAGED,
    ENDED,
    FAILED,
    GONE,
    LACKS,
    RUNNING,
    Answer,
    NoAnswerError,
    asked_words,
)
from toe.fleet.one_file import OneFile
from toe.fleet.parcel import Parcel
from toe.records import NamedTuple

#: How long a host waits for news before it answers, in its looks: 40 of a tenth of a second, then of a half.
_TURNS = 52
#: How long it waits for what comes right after the news, in looks of a twentieth of a second; at the beginning longer,
#: for a quick run has ended by then, and is told of at once.
_GRACE, _FIRST_GRACE = 4, 20
#: Of the logs: what comes with the last answer, and what is asked for at a time.
_FIRST_PIECE_BYTES, _PIECE_BYTES = 512 * 1024, 8 * 1024 * 1024
_RETRY_SECONDS = 1.0
#: How long an answer may take: the ten seconds that a host waits for news, and what a busy one needs besides.
_ANSWER_SECONDS = 45.0
_SLOWEST_BYTES_A_SECOND = 100_000
#: A run that is killed again and again is given up.
_MOST_CUTS = 15
_INSTALL = "install toe there and name it by 'installed'"


class LinkLostError(Exception):
    """The host cannot be reached, or has not answered in time. `was_there`: the connection had been made."""

    def __init__(self, told: str, *, was_there: bool = False) -> None:
        super().__init__(told)
        self.was_there = was_there


class Link(Protocol):
    """How a host is reached."""

    @property
    def is_windows(self) -> bool:
        """Whether the host has Windows, and so another script."""

    def ask(self, words: Mapping[str, str], data: bytes, limit_seconds: float) -> Answer:
        """The answer of the host's script that is asked this (`asked_words`) and gets `data`.

        Raises LinkLostError, and ToeError where the host is there but gives no answer.
        """

    def reset(self) -> None:
        """Forget the connection; the next call makes a new one."""


class HostResult(NamedTuple):
    """What came of a run on a host. `folder` is where its logs were stored, `said` what toe wrote to its stderr.

    `kept` is a folder on the host that holds what its scripts wrote into their working directory, "" for nothing.
    `found`: the run had been begun before.
    """

    exit_code: int
    summary: dict[str, Any]
    folder: str
    said: str
    kept: str
    found: bool


class HostRun:
    """Carries one parcel out on one host.

    `one_file` gives the executable for a processor; `installed` is the host's own command in its place. `store` gets a
    tar of the log directory, before the host forgets the run; it returns where that is. `reboot` reboots the host and
    waits for it; None: nobody does. `listen` gets the bytes of events.jsonl as they come. `patience_seconds` is how
    long a lost host is tried again.
    """

    def __init__(
        self,
        link: Link,
        parcel: Parcel,
        *,
        one_file: Callable[[str], OneFile],
        store: Callable[[IO[bytes]], str],
        installed: str = "",
        base: str = "",
        reboot: Callable[[], None] | None = None,
        listen: Callable[[bytes], None] = lambda data: None,
        patience_seconds: float = 60.0,
    ) -> None:
        self.execution_id = parcel.execution_id
        self._link = link
        self._parcel = parcel
        self._one_file = one_file
        self._store = store
        self._installed = installed
        self._base = base
        self._reboot = reboot
        self._listen = listen
        self._patience_seconds = patience_seconds
        self._offset = 0
        self._was_there = False
        self._found = False

    def carry_out(self) -> HostResult:
        """Raises LinkLostError when the host stays away, and ToeError when nothing can be run there."""
        answer = self._begun()
        failures = 0
        reboot_code = EXIT_REBOOT_WINDOWS if self._link.is_windows else EXIT_REBOOT_POSIX
        while answer.state != ENDED or answer.code == reboot_code:
            if answer.state == RUNNING:
                answer = self._ask("watch")
                continue
            if answer.state not in (ENDED, CUT):
                raise ToeError(f"the host cannot run it: {answer.state}", hint=_hint(answer))
            if failures > _MOST_CUTS:
                raise ToeError("toe was killed on the host again and again, or does not start", hint=_hint(answer))
            if answer.state == ENDED:
                self._reboot_host(answer)
            before = answer
            answer = self._ask("go-on", expected=before.part)
            failures += before.state == CUT or answer.part == before.part
        return self._collected(answer)

    def _begun(self) -> Answer:
        """The run that was begun, or that of the same order which is there already."""
        if self._link.is_windows and not self._installed:
            raise ToeError("the one file is for Linux, and the host has Windows", hint=_INSTALL)
        file = None if self._installed else self._one_file("")
        answer = self._ask("begin", self._parcel.data, file=file)
        if answer.state == LACKS:
            if self._installed:
                raise ToeError(f"'{self._installed}' is not installed on the host", hint="name it by its path")
            file = self._fitting(answer)
            answer = self._ask("begin", self._parcel.with_executable(file.path), file=file, brings="yes")
        if answer.state == DAMAGED:
            raise ToeError("the executable did not come to the host whole", hint="is its disk full?")
        if answer.state != LACKS and answer.order != self._parcel.order:
            raise ToeError(
                f"execution '{self.execution_id}' on the host is one of other documents or parameters",
                hint="give another execution id",
            )
        self.execution_id = answer.text("id") or self.execution_id
        self._found = answer.found
        return answer

    def _fitting(self, answer: Answer) -> OneFile:
        """The executable for the host's processor."""
        if answer.system != "Linux":
            raise ToeError(
                f"the one file is for Linux, and the host has {answer.system}",
                hint=_INSTALL,
            )
        file = self._one_file(answer.machine)
        if file.processor and file.processor != answer.machine:
            raise ToeError(
                f"'{file.path}' is for {file.processor}, and the host is {answer.machine}",
                hint=f"'toe bundle' on {answer.machine} makes one; 'executable' names it, or a folder of both",
            )
        return file

    def _reboot_host(self, answer: Answer) -> None:
        if not answer.rebooted:
            if self._reboot is None:
                raise ToeError("the run waits for a reboot of the host", hint="the same order goes on after it")
            self._reboot()

    def _collected(self, answer: Answer) -> HostResult:
        """Bring the logs here, then have the host forget the run."""
        while self._offset < answer.events_bytes:
            answer = self._ask("watch")
        with tempfile.TemporaryFile() as logs:
            self._fetch(answer, logs)
            folder = self._store(logs)
        finished = self._ask("finish")
        kept = finished.text("kept") if finished.state == GONE else ""
        code = 1 if answer.code is None else answer.code
        return HostResult(code, _object(answer.text("summary")), folder, answer.text("said"), kept, self._found)

    def _fetch(self, answer: Answer, logs: IO[bytes]) -> None:
        size = answer.text("size")
        piece = answer.sections.get("logs", b"")
        logs.write(piece)
        while size.isdecimal() and logs.tell() < int(size):
            piece = self._ask("piece", start=logs.tell(), count=_PIECE_BYTES).sections.get("logs", b"")
            if not piece:
                raise NoAnswerError("the log folder could not be fetched")
            logs.write(piece)
        logs.seek(0)

    def _ask(self, do: str, data: bytes = b"", *, file: OneFile | None = None, **variables: Any) -> Answer:
        """The host's answer, awaited through lost connections."""
        named = {"file": file.name, "sha": file.sha256, "size": file.size_bytes} if file else {}
        limit = time.monotonic() + self._patience_seconds
        while True:
            words = asked_words(
                do=do,
                base=self._base,
                key=self._parcel.key,
                installed=self._installed,
                offset=self._offset,
                turns=0 if do == "begin" else _TURNS,  # that it is there is known soon
                grace=_FIRST_GRACE if do == "begin" else _GRACE,
                **{"count": _FIRST_PIECE_BYTES, **named, **variables},
            )
            try:
                limit_seconds = _ANSWER_SECONDS + len(data) / _SLOWEST_BYTES_A_SECOND
                answer = self._link.ask(words, data, limit_seconds)
                break
            except LinkLostError as error:
                # Nobody waits for a host that was never there; it may be lost before its first answer.
                self._was_there = self._was_there or error.was_there
                if not self._was_there or time.monotonic() > limit:
                    raise
                self._link.reset()
                time.sleep(_RETRY_SECONDS)
        self._was_there = True
        if answer.state == FAILED:
            raise ToeError("the host cannot run it", hint=_hint(answer))
        events = answer.sections.get("events", b"")
        if events:
            self._offset += len(events)
            self._listen(events)
        return answer


def _object(text: str) -> dict[str, Any]:
    """A JSON object, an empty one for anything else."""
    try:
        data = json.loads(text or "{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _hint(answer: Answer) -> str:
    return answer.text("said").strip()[-1000:]
