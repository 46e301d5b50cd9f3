"""`--events` of `toe run --hosts`: the events of all hosts, as they come, each with the name of its host."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable

from toe.cli.events import opened
from toe.cli.terminal import say_line

_LOG = "events.jsonl"


class HostEvents:
    """Merges the lines of events.jsonl of many hosts; a line of one host is never within that of another.

    They go by a file of this user's to what `--events` names: so a reader that is slow holds up no host.
    """

    def __init__(self, target: str) -> None:
        """Raises ToeError when nothing can be written there."""
        self.stream = opened(target, is_kept=False)
        self._folder = tempfile.TemporaryDirectory(prefix="toe-")
        self._path = os.path.join(self._folder.name, _LOG)
        self._log = open(self._path, "xb", buffering=0)  # noqa: SIM115 - closed by discard
        self._open_lines: dict[str, bytes] = {}
        self._has_begun = False

    def take(self, host: str, data: bytes) -> None:
        """The next bytes of a host's events.jsonl; a line that is not whole waits for its end."""
        *lines, self._open_lines[host] = (self._open_lines.get(host, b"") + data).split(b"\n")
        start = b'{"host":' + json.dumps(host).encode() + b","
        whole = [start + line[1:] + b"\n" for line in lines if line.startswith(b"{")]
        if whole and self.stream is not None:
            self._log.write(b"".join(whole))
            self._begin()
            self.stream.flush()

    def _begin(self) -> None:
        """Late, so that a refusal can be told in place of events."""
        if not self._has_begun and self.stream is not None:
            self._has_begun = True
            self.stream.begin(self._path, anew=True)

    def finish(self, hurrying: Callable[[], bool]) -> bool:
        """Wait for the reader, though not for ever; false when a file does not hold everything."""
        try:
            if self.stream is None:
                return True
            self._begin()
            self.stream.close()
            return self.stream.finish(say_line, hurrying)
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave nothing behind."""
        self._log.close()
        self._folder.cleanup()
