"""Which of the executables that a host was sent stay there; by its script and a shell of this machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from toe.fleet.answers import Answer, command, read_answer
from toe.fleet.host_run import HostRun
from toe.fleet.one_file import OneFile, given_file
from toe.fleet.parcel import Asked, parcel

DOCUMENT = "schemaVersion: 1.0\nphases:\n- name: build\n  steps:\n  - name: A\n    action: Reboot\n"


class Shell:
    """A host that is this machine."""

    is_windows = False

    def ask(self, words: Mapping[str, str], data: bytes, limit_seconds: float) -> Answer:
        done = subprocess.run(["sh", "-c", command(words)], input=data, capture_output=True, timeout=limit_seconds)
        return read_answer(done.stdout.decode() + done.stderr.decode())

    def reset(self) -> None:
        """There is no connection."""


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="hosts have Linux")
def test_the_newest_two_stay_and_those_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOE_BUNDLE_DIRECTORY", str(tmp_path / "unpacked"))
    Path("a.yml").write_text(DOCUMENT)
    base = tmp_path / "base"

    def run_with(version: str) -> OneFile:
        """What stands for the one file of a version: it ends at once, and has unpacked a tree."""
        path = tmp_path / version
        path.write_text(f"#!/bin/sh\n_toe_home=$_toe_base/toe-{version}\nexit 0\n")
        (tmp_path / "unpacked" / f"toe-{version}").mkdir(parents=True)
        file = given_file(str(path))
        sent = parcel(Asked(("a.yml",), {}))
        done = HostRun(Shell(), sent, one_file=lambda processor: file, store=lambda logs: "", base=str(base))
        assert done.carry_out().exit_code == 0
        return file

    def kept() -> set[str]:
        return {path.name for path in (base / "bin").iterdir()}

    first, second = run_with("aa"), run_with("bb")
    assert kept() == {first.name, second.name}
    (base / "runs/other").mkdir()
    (base / "runs/other/executable").write_text(str(base / "bin" / first.name))
    for number, path in enumerate((base / "bin" / first.name, base / "bin" / second.name)):
        os.utime(path, (number, number))
    third, fourth = run_with("cc"), run_with("dd")
    assert kept() == {first.name, third.name, fourth.name}
    assert {path.name for path in (tmp_path / "unpacked").iterdir()} == {"toe-aa", "toe-cc", "toe-dd"}
