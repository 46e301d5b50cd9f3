"""`--reboot system` where the reboot itself fails. Every program that could reboot this machine is a stand-in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DOCUMENT = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - {name: First, action: ExecuteBash, inputs: {commands: [echo first]}}
      - {name: Ask, action: Reboot}
      - {name: After, action: ExecuteBash, inputs: {commands: [touch after]}}
"""
#: Folders in memory over those of systemd; what is in them at the end is told in `left`.
AROUND = """
mount -t tmpfs t /run && mkdir -p /run/systemd/system /etc/systemd && mount -t tmpfs t /etc/systemd &&
mkdir -p /etc/systemd/system && "$@"
code=$?
find /etc/systemd/system ! -type d > left
exit $code
"""


def run_where_no_reboot_works(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `toe` on a machine with systemd, whose `systemctl reboot` and `shutdown` fail."""
    Path("programs").mkdir()
    for name in ("systemctl", "shutdown"):
        program = Path("programs", name)
        program.write_text(
            f'#!/bin/sh\necho {name} "$@" >> {Path("calls").resolve()}\n'
            f'[ "$1" != daemon-reload ] || exit 0\n[ "$1" != enable ] || exit 0\n'
            "find /etc/systemd/system ! -type d > before\necho no such luck >&2\nexit 1\n"
        )
        program.chmod(0o755)
    environment = {**os.environ, "TOE_NO_REBOOT": "0", "PATH": f"{Path('programs').resolve()}:{os.environ['PATH']}"}
    command = ["unshare", "-m", "sh", "-c", AROUND, "sh", sys.executable, "-m", "toe", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.stderr.startswith(("mount:", "unshare:")):  # in a chroot, or where the machine forbids it
        pytest.skip(done.stderr)
    return done


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can make a mount namespace")
def test_when_the_reboot_fails_nothing_is_left_that_would_resume_the_run_and_the_summary_says_so() -> None:
    Path("doc.yml").write_text(DOCUMENT)
    done = run_where_no_reboot_works("run", "doc.yml", "-i", "mine", "--reboot", "system")
    assert Path("before").read_text(), done.stderr  # it was arranged
    assert Path("left").read_text() == ""
    assert not list(Path("state").glob("*.resume"))
    summary = json.loads(done.stdout)
    assert (done.returncode, summary["status"], summary["executedStepCount"]) == (1, "failed", 2), done.stderr
    assert "the machine could not be rebooted: systemctl reboot: exit code 1: no such luck" in summary["failureMessage"]
    assert "'toe resume mine'" in summary["failureMessage"]
    assert "the run goes on after it" not in summary["failureMessage"]
    assert Path("state/mine.journal").exists()
    assert not Path("after").exists()
