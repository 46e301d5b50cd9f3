"""The words of the script on a host (on_host.sh, or windows/): what it is asked, and what it answers."""

from __future__ import annotations

import gzip
import shlex
import zlib
from base64 import b64decode
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from toe.errors import ToeError
from toe.records import NamedTuple

NONE, LACKS, RUNNING, ENDED, CUT, GONE, DAMAGED = "none", "lacks", "running", "ended", "cut", "gone", "damaged"
#: The script itself failed; the section `said` tells how.
FAILED = "failed"
_FIRST, _LAST = "toe-host ", "toe-end"
#: A section is 1 MiB at most, so is what a host that lies may have us unpack, about.
_MOST_SECTION_BYTES = 16 * 1024 * 1024


class NoAnswerError(ToeError):
    """What came back is no answer of the script, or was cut off."""


class Answer(NamedTuple):
    """Where the run on a host is. `part` counts from 1 and grows with each reboot; `code` is toe's exit code, or None.

    `rebooted`: the host was booted since that part began. `events_bytes` is the size of its events. `found`: it
    had been begun before it was asked for. `order` is "-" where there is no run.
    """

    state: str
    code: int | None = None
    part: int = 0
    rebooted: bool = False
    events_bytes: int = 0
    found: bool = False
    order: str = "-"
    system: str = ""
    machine: str = ""
    sections: Mapping[str, bytes] = {}

    def text(self, section: str) -> str:
        """A section as text, "" where there is none."""
        return self.sections.get(section, b"").decode("utf-8", "replace")


def asked_words(**words: Any) -> dict[str, str]:
    """All that a script is asked, as on_host.sh says it."""
    defaults = {"base": "", "offset": 0, "turns": 0, "file": "", "sha": "", "size": 0, "installed": "", "count": 0}
    defaults |= {"brings": "", "grace": 0}
    return {name: str(value) for name, value in {**defaults, **words}.items()}


def command(words: Mapping[str, str]) -> str:
    """The script for a POSIX shell with its variables before it.

    They are seen in the host's list of processes: none is a secret.
    """
    assignments = "\n".join(f"{name}={shlex.quote(value)}" for name, value in words.items())
    return f"{assignments}\n{script('on_host.sh')}"


@cache
def script(*names: str) -> str:
    """Files of this package as one text, without its comments: what a host is sent has a limit."""
    texts = [files("toe.fleet").joinpath(name).read_text("utf-8") for name in names]
    return "\n".join(line for line in "\n".join(texts).splitlines() if not line.lstrip().startswith("#"))


def read_answer(text: str) -> Answer:
    """The answer in what came back, which a terminal or a message of the day may stand around.

    Raises NoAnswerError.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    starts = [number for number, line in enumerate(lines) if line.startswith(_FIRST)]
    if not starts or _LAST not in lines[starts[0] :]:
        raise NoAnswerError("the host gave no whole answer")
    begin = starts[0]
    words = dict(word.partition("=")[::2] for word in lines[begin].split()[1:])
    try:
        return Answer(
            words["state"],
            int(words["code"]) if words.get("code") else None,
            int(words.get("part") or 0),
            words.get("rebooted") == "yes",
            int(words.get("events") or 0),
            words.get("found") == "yes",
            words.get("order", "-"),
            words.get("system", ""),
            words.get("machine", ""),
            _sections(lines[begin + 1 : lines.index(_LAST, begin)]),
        )
    except (KeyError, ValueError, OSError, EOFError, zlib.error) as error:
        raise NoAnswerError(f"the host's answer makes no sense: {error}") from error


def _sections(lines: list[str]) -> dict[str, bytes]:
    encoded: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if line.startswith("== "):
            name = line[3:]
            encoded[name] = []
        elif name:
            encoded[name].append(line)
    return {name: _unpacked(name, "".join(part)) for name, part in encoded.items()}


def _unpacked(name: str, text: str) -> bytes:
    if name == "size":
        return text.encode()
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    data = unpacker.decompress(b64decode(text, validate=True), _MOST_SECTION_BYTES)
    if not unpacker.eof:
        raise gzip.BadGzipFile("a section is longer than it may be")
    return data
