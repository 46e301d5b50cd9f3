"""Resume triggers and the reboot on a machine that boots: real systemd, real cron, real crontab."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from nspawn_machine import NspawnMachine, install_toe

from toe.system.resume.cron import without_header

pytestmark = pytest.mark.nspawn

PAYLOAD = Path(__file__).with_name("resume_payload")
STATE = '/var/lib/it\'s 100% "toe" $HOME \\n ü'
ARGUMENTS = ["it's", "", "100% of $HOME\n", "ü\udcff"]
ENVIRONMENT = {"PATH": "/opt/mine:/usr/bin:/bin", "UID": "7", "SECRET": "a\nb'c\"d\udcff", "a.b": "1", "TERM": "xterm"}
CRONTAB = b"# mine, \xff\nMAILTO=nobody\nLEFT_BY=crontab\n\n0 5 1 1 * date +\\%F\n@reboot : > /out/other\n"
SPOOL = "var/spool/cron/crontabs/root"


def prepare(machine: NspawnMachine, trigger: str) -> None:
    shutil.copytree(PAYLOAD, machine.payload, dirs_exist_ok=True)
    install_toe(machine.payload / "site")
    (machine.payload / "settings").write_text(f"TRIGGER={trigger}\n")
    given = {"state": STATE, "arguments": ARGUMENTS, "environment": ENVIRONMENT}
    (machine.payload / "arrange.json").write_text(json.dumps(given))
    (machine.root / SPOOL).write_bytes(CRONTAB)
    (machine.root / SPOOL).chmod(0o600)


@pytest.mark.parametrize("trigger", ["systemd", "cron"])
def test_trigger_goes_on_after_a_reboot_and_leaves_no_trace(machine: NspawnMachine, trigger: str) -> None:
    prepare(machine, trigger)
    assert machine.boot(at_most=2) == 0, machine.printed()
    out, state = machine.out, machine.root / STATE.lstrip("/")

    assert (out / "trigger").read_text() == trigger
    assert (out / "arguments").read_bytes() == b"".join(os.fsencode(argument) + b"\0" for argument in ARGUMENTS)
    variables = dict(entry.split(b"=", 1) for entry in (out / "environment").read_bytes().split(b"\0") if entry)
    assert variables.pop(b"PWD") == os.fsencode(STATE)
    assert variables == {os.fsencode(n): os.fsencode(v) for n, v in ENVIRONMENT.items() if n != "TERM"}
    assert (out / "folder").read_text() == f"{STATE}\n"
    assert (out / "umask").read_text() == "0027\n"
    assert (state / "resume.out").read_text() == "resumed\n", machine.printed()

    assert os.listdir(state) == ["resume.out"]
    assert list((machine.root / "etc/systemd").rglob("*toe*")) == []
    assert "toe-resume" not in (out / "units.after").read_text()
    assert without_header((machine.root / SPOOL).read_bytes()) == CRONTAB
    assert (out / "other").exists()


def test_systemd_unit_holds_up_neither_the_boot_nor_what_runs_in_the_background(machine: NspawnMachine) -> None:
    prepare(machine, "systemd")
    assert machine.boot(at_most=2) == 0, machine.printed()
    journal = (machine.out / "journal").read_text()
    assert (machine.out / "system").read_text() == "running\n", journal
    assert (machine.out / "background").read_text() == "1\n", journal
    assert "toe: going on with run-1" in journal
    assert "ordering cycle" not in journal
