"""Runs on a host that come to no end: they are given up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from toe.errors import ToeError
from toe.fleet.answers import Answer, read_answer
from toe.fleet.host_run import HostRun
from toe.fleet.one_file import OneFile
from toe.fleet.parcel import Asked, parcel

DOCUMENT = "schemaVersion: 1.0\nphases:\n- name: build\n  steps:\n  - name: A\n    action: Reboot\n"


def no_file(processor: str) -> OneFile:
    raise AssertionError("toe is installed there")


class StuckHost:
    """A host whose script always tells the same."""

    def __init__(self, order: str, told: str, *, is_windows: bool) -> None:
        self.answer = f"toe-host {told} order={order}\ntoe-end\n"
        self.asked: list[str] = []
        self.is_windows = is_windows

    def ask(self, words: Mapping[str, str], data: bytes, limit_seconds: float) -> Answer:
        self.asked.append(words["do"])
        return read_answer(self.answer)

    def reset(self) -> None:
        """There is no connection."""


@pytest.mark.parametrize(
    ("told", "is_windows"),
    [
        ("state=cut part=1", False),
        ("state=ended code=194 part=1 rebooted=yes", False),
        ("state=ended code=3010 part=1 rebooted=yes", True),
    ],
)
def test_a_part_that_never_goes_on_is_given_up(told: str, is_windows: bool) -> None:
    Path("a.yml").write_text(DOCUMENT)
    sent = parcel(Asked(("a.yml",), {}))
    host = StuckHost(sent.order, told, is_windows=is_windows)
    run = HostRun(host, sent, one_file=no_file, store=lambda logs: "", installed="toe")
    with pytest.raises(ToeError, match="again and again, or does not start"):
        run.carry_out()
    assert set(host.asked) == {"begin", "go-on"}
    assert len(host.asked) < 20


def test_what_failed_in_the_script_is_told() -> None:
    """In the form of the script for Windows: the section is a gzip in base64, here of the word `why`."""
    Path("a.yml").write_text(DOCUMENT)
    sent = parcel(Asked(("a.yml",), {}))
    host = StuckHost(sent.order, "state=failed", is_windows=True)
    host.answer = "toe-host state=failed\r\n== said\r\nH4sIAAAAAAACAyvPqAQA8I8CKgMAAAA=\r\ntoe-end\r\n"
    run = HostRun(host, sent, one_file=no_file, store=lambda logs: "", installed="toe")
    with pytest.raises(ToeError, match="the host cannot run it") as raised:
        run.carry_out()
    assert raised.value.hint == "why"
