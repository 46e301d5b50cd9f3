"""Bases with a loader of their own and cloud-init, user data, and machines with a network. Slow: `pytest -m vm`."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from machine_steps import bash, digest

pytestmark = [
    pytest.mark.vm,
    pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="apt-get install qemu-system-x86 qemu-utils"),
]

REBOOT = {"name": "Reboot", "action": "Reboot"}
USER_DATA = b"#!/bin/sh\necho carried out >> /etc/user-data-was\n"
CARRIED_OUT = 'test "$(cat /etc/user-data-was)" = "carried out"'
BY_ITS_LOADER = "grep -q BOOT_IMAGE= /proc/cmdline"
#: Events come through the port, where the kernel has its driver.
BY_THE_PORT = "ls -l /proc/[0-9]*/fd 2> /dev/null | grep -q /dev/vport"
GREETING = b"hello from the host\n"


@contextmanager
def greeter() -> Iterator[str]:
    """A server on the loopback that greets; yields the command that asks it from within a machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(GREETING)

        Thread(target=serve, daemon=True).start()
        yield f"timeout 20 bash -c 'cat < /dev/tcp/10.0.2.2/{server.getsockname()[1]}'"
        server.shutdown(socket.SHUT_RDWR)


def document(**phases: Sequence[Mapping[str, object]]) -> str:
    """A document as JSON."""
    listed = [{"name": phase, "steps": list(steps)} for phase, steps in phases.items()]
    return json.dumps({"schemaVersion": "1.0", "phases": listed})


def build(base: Path, text: str, *words: str) -> tuple[dict[str, Any], str]:
    """Build a recipe of this base, USER_DATA and one component; the summary and what people read."""
    path = Path("components/one/1.0.0/component.yml")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    recipe = {
        "name": "machine",
        "semanticVersion": "1.0.0",
        "parentImage": str(base),
        "components": [{"componentArn": "one/1.0.0"}],
        "additionalInstanceConfiguration": {"userDataOverride": base64.b64encode(USER_DATA).decode()},
    }
    Path("recipe.yml").write_text(json.dumps(recipe))
    command = [sys.executable, "-m", "toe", "build", "recipe.yml", "--format", "qcow2", "--show-output", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout), done.stderr


def run(disk: Path, text: str, *words: str) -> tuple[dict[str, Any], str]:
    """The same for `toe run --in`."""
    Path("component.json").write_text(text)
    command = [sys.executable, "-m", "toe", "run", "component.json", "--in", str(disk), "--show-output", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout), done.stderr


def test_a_cloud_image_is_built_on_and_tested_by_its_own_loader(cloud: Path) -> None:
    before = digest(cloud / "cloud.raw")
    with greeter() as ask:
        text = document(
            build=[
                bash("Loader", BY_ITS_LOADER, BY_THE_PORT, CARRIED_OUT, "touch /made-before"),
                REBOOT,
                bash("Once", CARRIED_OUT, "test -e /made-before", "touch /tmp/skip_cleanup_history_files"),
                bash("Alone", f"! {ask}"),
            ],
            test=[
                bash("Same", BY_ITS_LOADER, CARRIED_OUT, "test -e /made-before"),
                bash("New", "test $(ls -d /var/lib/cloud/instances/* | wc -l) = 1"),
            ],
        )
        told, people = build(cloud / "cloud.raw", text)
    assert told["status"] == "success", people
    assert [(one["component"], one["status"]) for one in told["tests"]] == [("one", "success")]
    assert "toe: warning" not in people
    (report,) = Path(told["logDirectory"]).glob("*-clean-up/clean-up.txt")
    assert "removed /var/lib/cloud/instances" in report.read_text()
    assert "kept history_files: /tmp/skip_cleanup_history_files" in report.read_text()
    assert digest(cloud / "cloud.raw") == before


def test_a_cloud_image_reaches_the_host_where_a_network_is_asked_for(cloud: Path) -> None:
    with greeter() as ask:
        told, people = run(cloud / "cloud.raw", document(build=[bash("Ask", ask)]), "--network")
    assert told["status"] == "success", people
    assert f"| {GREETING.decode()}" in people


@pytest.mark.skipif(not Path("/usr/share/ovmf/OVMF.fd").exists(), reason="apt-get install ovmf")
def test_a_cloud_image_that_starts_by_efi_alone(cloud: Path) -> None:
    told, people = run(cloud / "cloud-efi.raw", document(build=[bash("Firmware", "test -d /sys/firmware/efi")]))
    assert told["status"] == "success", people


def test_a_base_that_is_started_by_its_kernel_has_its_cloud_init_and_its_client_of_dhcp(cloud: Path) -> None:
    with greeter() as ask:
        text = document(build=[bash("Ask", CARRIED_OUT, BY_THE_PORT, ask, f"! {BY_ITS_LOADER}")])
        told, people = build(cloud / "root", text, "--network", "--no-tests")
    assert told["status"] == "success", people
    assert f"| {GREETING.decode()}" in people
    assert "toe: warning" not in people


def test_a_base_with_neither_cloud_init_nor_a_driver_for_the_card_says_so(disk: Path) -> None:
    told, people = build(disk, document(build=[bash("Nothing", "! test -e /etc/user-data-was")]), "--network")
    assert told["status"] == "success", people
    assert "toe: warning: userDataOverride is not carried out: the base has no cloud-init" in people
    assert "toe: warning: --network: nothing in the base gets an address by DHCP" in people
