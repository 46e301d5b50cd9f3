"""console.log streamed to CloudWatch Logs while the run goes on, by a thread that follows the file.

It is told of no events: what it sends are the bytes of console.log, which have been through the fan-out, so nothing
that is hidden or masked there can be in them. A slow or dead network does not hold up the run: the lines wait in the
file.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import threading
import time
from collections.abc import Callable

from toe.aws.clients import CREDENTIALS_SECONDS, AwsError, await_credentials
from toe.aws.log_stream import LogStream, LogTarget, PassingAwsError
from toe.sinks.cloudwatch_lines import Batch, ConsoleLines
from toe.sinks.log_file import write_whole

INTERVAL_SECONDS = 1.0
FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 0.2, 5.0
_TICK_SECONDS = 0.1
_MARK = ".cloudwatch-sent.json"


class _Stopped(Exception):
    """Nobody waits for the thread any more."""


class CloudWatchStream:
    """Sends `folder`/console.log to `target`: every line at least once, in order, from where the last run stopped.

    Passing `trouble` is tried again until somebody has waited long enough; lasting trouble ends the sending: `failure`
    says why, and the lines stay in the file. `say` gets a line when credentials have to be waited for. A `limit`
    is asked again and again for the seconds that may be spent: an interrupt makes it shorter.
    """

    def __init__(
        self,
        folder: str,
        target: LogTarget,
        say: Callable[[str], None],
        *,
        interval_seconds: float = INTERVAL_SECONDS,
        credentials_seconds: float = CREDENTIALS_SECONDS,
    ) -> None:
        """Raises OSError when there is no console.log."""
        self._what = f"cannot write to {target.shown}"
        self._say = say
        self._interval_seconds = interval_seconds
        self._credentials_seconds = credentials_seconds
        self._mark = _SentMark(folder, target)
        self._lines = ConsoleLines(os.path.join(folder, "console.log"), self._mark.read())
        self._stream = LogStream(target)
        self._changed = threading.Condition()
        self._sent = self._lines.offset
        self._goal = 0
        self._is_hurried = self._is_stopping = False
        self.trouble = ""
        self.failure = ""
        self._thread = threading.Thread(target=self._run, name="toe-cloudwatch", daemon=True)
        self._thread.start()

    def wait_until_sent(self, limit: Callable[[], float]) -> str:
        """Wait until all that the file has now was accepted; "", or else why not: then nothing more is sent."""
        started = time.monotonic()
        with self._changed:
            if not self.failure and not self._is_stopping:
                self._goal = self._lines.size
                self._is_hurried = True
                self._changed.notify_all()
            while not self.failure and not self._is_stopping and self._is_behind():
                waited = time.monotonic() - started
                left = limit() - waited
                if left > 0:
                    self._changed.wait(min(left, _TICK_SECONDS))
                else:
                    self._give_up(waited)
            return self.failure

    def _is_behind(self) -> bool:
        """Also when the file was emptied by somebody and has to be begun anew."""
        return self._sent < self._goal or self._sent > self._lines.size

    def _give_up(self, waited_seconds: float) -> None:
        trouble = self.trouble or f"{self._what}: no answer"
        self.failure = f"{trouble} (gave up after {waited_seconds:.1f} s)"
        self._is_stopping = True
        self._changed.notify_all()

    def close(self, limit: Callable[[], float], *, is_over: bool) -> str:
        """Send the rest and stop; "", or else why lines are missing. `is_over`: no run will go on from here."""
        try:
            failure = self.wait_until_sent(limit)
        finally:
            with self._changed:
                self._is_stopping = True
                self._changed.notify_all()
        if not failure:
            self._thread.join()
            if is_over:
                self._mark.remove()
        return failure

    def _run(self) -> None:
        try:
            await_credentials(self._what, self._credentials_seconds, self._pause, self._say_that_we_wait)
            self.trouble = ""
            while True:
                self._send_what_is_there()
                self._pause(self._interval_seconds)
        except _Stopped:
            pass
        except AwsError as error:
            self._fail(error.in_one_line)
        except OSError as error:
            self._fail(f"cannot read console.log: {error.strerror or error}")
        except Exception as error:  # whatever it is, nobody may wait for a thread that is gone
            self._fail(f"{self._what}: {type(error).__name__}: {error}")
        finally:
            self._lines.close()

    def _say_that_we_wait(self, line: str) -> None:
        self.trouble = f"{self._what}: {line}"
        self._say(line)

    def _send_what_is_there(self) -> None:
        while True:
            with self._changed:
                somebody_waits = self._sent < self._goal
            batch = self._lines.next_batch(_now_ms(), partial=somebody_waits)
            if batch is not None:
                self._send(batch)
                self._lines.offset = batch.end
                self._mark.write(batch.end)
            with self._changed:
                self._sent = self._lines.offset
                self._changed.notify_all()
                if self._is_stopping:
                    raise _Stopped
            if batch is None:
                return

    def _send(self, batch: Batch) -> None:
        delay = FIRST_DELAY_SECONDS
        while True:
            try:
                self._stream.put(batch.events, _now_ms())
                self.trouble = ""
                return
            except PassingAwsError as error:
                self.trouble = error.message
            self._pause(delay * random.uniform(0.5, 1.0))
            delay = min(2 * delay, LONGEST_DELAY_SECONDS)

    def _pause(self, seconds: float) -> None:
        """Wait, but not when somebody waits for us. Raises _Stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopping or self._is_hurried, seconds)
            self._is_hurried = False
            if self._is_stopping:
                raise _Stopped

    def _fail(self, reason: str) -> None:
        with self._changed:
            self.failure = self.failure or reason
            self._changed.notify_all()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class _SentMark:
    """How far console.log was sent to a target, kept in `folder`: after a reboot or a crash the run goes on from there.

    A hidden file, like the others that are no logs; it is gone when a run has ended and everything was sent. What
    cannot be written is no failure: lines may then be sent twice.
    """

    def __init__(self, folder: str, target: LogTarget) -> None:
        self._path = os.path.join(folder, _MARK)
        self._target = [target.group, target.stream, target.region]

    def read(self) -> int:
        """The offset up to which console.log was sent to this target, 0 when nothing is known."""
        try:
            with open(self._path, encoding="utf-8") as file:
                data = json.load(file)
            known = data["target"] == self._target
            return max(0, int(data["offset"])) if known else 0
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def write(self, offset: int) -> None:
        """Everything before `offset` was accepted."""
        text = json.dumps({"target": self._target, "offset": offset})
        with contextlib.suppress(OSError):
            write_whole(self._path, [text.encode()])

    def remove(self) -> None:
        """Nothing is left to send."""
        with contextlib.suppress(OSError):
            os.unlink(self._path)
