"""`toe build --format`: a recipe becomes a disk that boots, tested by booting it. Slow: `pytest -m vm`."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from machine_steps import bash, build, command, component, digest, nothing_is_left, recipe

from toe.images.machines.disks import disk_of

pytestmark = [
    pytest.mark.vm,
    pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="apt-get install qemu-system-x86 qemu-utils"),
]

#: Of a shell of root.
PROMPT = re.compile(rb"[~0-9]# (\x1b\[\?2004h)?$")
REBOOT = {"name": "Reboot", "action": "Reboot"}


def test_a_recipe_becomes_a_clean_disk_that_was_tested_by_booting_it(disk: Path) -> None:
    before = digest(disk)
    component(
        "settings",
        build=[
            bash("Write", "echo vm.swappiness=7 > /etc/sysctl.d/50-image.conf; echo key > /etc/ssh_host"),
            REBOOT,
            bash("Traces", "mkdir -p /etc/ssh /root/.ssh; touch /etc/ssh/ssh_host_rsa_key /root/.ssh/authorized_keys",
                 "echo ls > /root/.bash_history; echo words > /var/log/words; touch /root/kept"),
        ],
        validate=[bash("After", "test -e /root/kept")],
        test=[
            bash("Clean", "test ! -e /etc/ssh/ssh_host_rsa_key -a ! -e /root/.ssh/authorized_keys"),
            bash("Empty", "test ! -s /var/log/words -a ! -e /root/.bash_history -a -e /root/kept"),
        ],
    )  # fmt: skip
    component("last", build=[bash("Keep", "touch /tmp/skip_cleanup_temporary_files /var/tmp/mine"), REBOOT],
              test=[bash("Kept", "test -e /var/tmp/mine -a ! -e /tmp/skip_cleanup_temporary_files")])  # fmt: skip
    recipe(disk, "settings", "last")
    told, people = build("--format", "vmdk")
    assert told["status"] == "success", people
    (image,) = told["tags"]
    assert Path(image).name == "machine-1.0.0-1.vmdk"
    assert disk_of(Path(image)).format == "vmdk"
    assert [layer["fate"] for layer in told["layers"]] == ["runs"] * 3
    assert [(one["component"], one["status"]) for one in told["tests"]] == [
        ("settings", "success"),
        ("last", "success"),
    ]
    (report,) = Path(told["logDirectory"]).glob("*-clean-up/clean-up.txt")
    assert "removed /etc/ssh/ssh_host_rsa_key" in report.read_text()
    assert "emptied /var/log/words" in report.read_text()
    assert "kept temporary_files: /tmp/skip_cleanup_temporary_files" in report.read_text()
    assert digest(disk) == before

    told, people = build("--format", "vmdk", "--no-tests")
    assert [layer["fate"] for layer in told["layers"]] == ["cached"] * 3, people
    assert sorted(path.name for path in Path().iterdir() if path.name.startswith((".toe", "machine"))) == [
        "machine-1.0.0-1.vmdk"
    ]


def talked_to(argv: list[str], line: str) -> str:
    """What stands on the console of a machine in which a line was typed when its shell asked for one."""
    said = b""
    with subprocess.Popen(["timeout", "900", *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        while not PROMPT.search(said) and (block := os.read(process.stdout.fileno(), 4096)):
            said += block
        process.stdin.write(f"{line}\n".encode())
        process.stdin.flush()
        while block := os.read(process.stdout.fileno(), 4096):
            said += block
    return said.decode(errors="replace")


def test_a_test_that_fails_leaves_no_image_and_can_be_entered(disk: Path) -> None:
    component("bad", build=[bash("Write", "touch /made")], test=[bash("Fails", "test ! -e /made")])
    recipe(disk, "bad")
    told, people = build("--format", "qcow2", "--keep-failed")
    assert told["status"] == "failed"
    assert told["failure"]["step"] == "Fails"
    assert list(Path().glob("*.qcow2")) == []
    enter, remove = told["failure"]["enter"].split(), told["failure"]["remove"].split()
    assert "enter it: sh /" in people
    assert "it was 42" in talked_to(enter, "test -e /made && echo it was $((40 + 2)); exit")
    subprocess.run(remove, check=True)
    assert not Path(enter[1]).exists()


@pytest.mark.parametrize("victim", ["toe", "qemu"])
def test_what_is_killed_leaves_nothing_and_the_next_build_is_right(disk: Path, victim: str) -> None:
    component("slow", build=[bash("Wait", "echo under way; test -e /etc/hostname; sleep 20")])
    recipe(disk, "slow")
    before = digest(disk)
    with subprocess.Popen(command("--format", "raw", "--show-output"), stderr=subprocess.PIPE, text=True,
                          stdout=subprocess.DEVNULL) as process:  # fmt: skip
        assert process.stderr is not None
        for line in process.stderr:
            if "| under way" in line:
                pid = (
                    process.pid
                    if victim == "toe"
                    else int(subprocess.check_output(["pgrep", "-P", str(process.pid), "qemu"]))
                )
                os.kill(pid, signal.SIGKILL)
    assert process.returncode == (-signal.SIGKILL if victim == "toe" else 1)
    told, people = build("--format", "raw", "--no-tests")
    assert told["status"] == "success", people
    assert nothing_is_left(process.pid)
    assert digest(disk) == before
    assert [path.name for path in Path().glob("machine-*")] == ["machine-1.0.0-1.raw"]
