"""How far console.log was sent, kept in the log folder: after a reboot or a crash the run goes on from there.

A hidden file, like the others that are no logs; it is gone when a run has ended and everything was sent.
"""

from __future__ import annotations

import contextlib
import json
import os

from toe.aws.log_stream import LogTarget
from toe.sinks.log_file import write_whole

_NAME = ".cloudwatch-sent.json"


class SentMark:
    """The mark of one target in `folder`. What cannot be written is no failure: lines may then be sent twice."""

    def __init__(self, folder: str, target: LogTarget) -> None:
        self._path = os.path.join(folder, _NAME)
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
