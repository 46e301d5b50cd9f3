"""Builds of machine images that are killed, and disks that are full: nothing is left, and the next build is right.

Slow: `pytest -m vm`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from machine_steps import bash, build, command, component, digest, nothing_is_left, recipe

from toe.images.capsule import cache_folder
from toe.images.machines.clean_up import NAME as CLEAN_UP
from toe.images.machines.disks import FORMATS, disk_of
from toe.images.machines.shelf import DiskShelf
from toe.images.store import Store, store_in
from toe.images.walk import cache_name

pytestmark = [
    pytest.mark.vm,
    pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="apt-get install qemu-system-x86 qemu-utils"),
]

#: Stands for a program: the call of a number strikes, and the program does its work then.
STRIKING = """\
#!/bin/sh
n=$(($(cat {count}) + 1)); echo $n > {count}
[ $n != {at} ] || {strike}
exec {program} "$@"
"""
#: Calls of these programs in a build whose component is in the cache: there are 11, of which the last writes the disk.
POINTS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
PROGRAMS = ("qemu-img", "mke2fs", "debugfs", "e2fsck", "qemu-system-x86_64")


def store() -> Store:
    return store_in(os.environ["TOE_STATE_DIRECTORY"])


def programs(tmp_path: Path, names: tuple[str, ...], at: int, strike: str) -> tuple[dict[str, str], Path]:
    """An environment in which they strike, and the file with the number of calls."""
    folder, count = tmp_path / "bin", tmp_path / "count"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    count.write_text("0")
    for name in names:
        program = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
        (folder / name).write_text(STRIKING.format(count=count, at=at, strike=strike, program=program))
        (folder / name).chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}, count


def forget_the_clean_up() -> None:
    """Neither the layer of the clean-up nor the image is there; the component's layer is."""
    disks = DiskShelf(store().machines)
    for layer in store().layers():
        if layer.step == CLEAN_UP:
            store().remove_layer(layer.key)
            disks.remove(cache_name(layer.key))
    for image in store().images():
        store().remove_image(image.build)
    for path in Path().glob("machine-*"):
        path.unlink()


def is_in_the_way() -> list[str]:
    """What a killed build may have left beside the folders of its runs: notes, half files, disks of no layer."""
    state = Path(os.environ["TOE_STATE_DIRECTORY"], "images")
    notes = [*state.glob("making/*"), *state.glob("locks/*"), *state.glob("machines/making/*")]
    halves = [*state.rglob(".toe-*"), *Path().glob(".toe-*"), *state.glob("machines/bases/new-*")]
    layers = {layer.image for layer in store().layers()}
    disks = [path for image, path in DiskShelf(store().machines).files.all() if image not in layers]
    return [str(path) for path in (*notes, *halves, *disks)]


def is_right_again(after: str, pid: int) -> None:
    """The next command cleans up, and the next build makes what it should."""
    told = subprocess.run(command("--format", "raw", "--plan"), capture_output=True, text=True, check=False)
    assert told.returncode == 0, (after, told.stderr)
    assert nothing_is_left(pid), after
    assert is_in_the_way() == [], after
    result, people = build("--format", "raw", "--no-tests")
    assert result["status"] == "success", (after, people)
    assert [path.name for path in Path().glob("machine-*")] == ["machine-1.0.0-1.raw"], after
    assert disk_of(Path("machine-1.0.0-1.raw")).format == "raw", after
    assert is_in_the_way() == [], after


def test_a_build_that_is_killed_at_any_of_its_programs(disk: Path, tmp_path: Path) -> None:
    before = digest(disk)
    component("one", build=[bash("Make", "echo a > /one")])
    recipe(disk, "one")
    assert build("--format", "raw", "--no-tests")[0]["status"] == "success"
    for at in POINTS:
        forget_the_clean_up()
        environment, count = programs(tmp_path, PROGRAMS, at, "kill -KILL $PPID")
        words = command("--format", "raw", "--no-tests")
        with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              start_new_session=True) as process:  # fmt: skip
            told = process.communicate()[1].decode()
        calls = int(count.read_text())
        assert process.returncode == (-signal.SIGKILL if calls >= at else 0), (at, told)
        is_right_again(f"at call {at} of {calls}", process.pid)
    assert digest(disk) == before


@pytest.mark.parametrize("tenths", range(1, 100, 10))
def test_a_machine_that_is_killed_at_some_moment(disk: Path, tmp_path: Path, tenths: int) -> None:
    """Of the second that a boot takes by the CPU itself, or of the ten and more without."""
    before = digest(disk)
    component("one", build=[bash("Make", "echo a > /one")])
    recipe(disk, "one")
    strike = f"(sleep {tenths / 10}; kill -KILL $$) > /dev/null 2>&1 &"
    environment, _ = programs(tmp_path, ("qemu-system-x86_64",), 2, strike)  # the first one tells its version
    words = command("--format", "raw", "--no-tests")
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        out, told = process.communicate()
    if process.returncode:  # else it was over by then
        assert process.returncode == 1, told.decode()
        assert "qemu ended by signal 9" in json.loads(out)["failureMessage"]
        assert list(Path().glob("machine-*")) == []
    is_right_again(f"behind {tenths} tenths", process.pid)
    assert digest(disk) == before


def test_a_full_disk_of_the_machine_is_told_and_the_cache_is_sound(disk: Path) -> None:
    component("one", build=[bash("Make", "echo a > /one")])
    component("fills", build=[bash("Fill", "dd if=/dev/zero of=/full bs=1M")])
    recipe(disk, "one", "fills")
    told, people = build("--format", "raw", "--no-tests")
    assert told["status"] == "failed"
    assert "No space left on device" in people + told["failureMessage"]
    logs = list(Path(told["logDirectory"]).rglob("console.log"))
    assert any("No space left on device" in path.read_text() for path in logs)
    assert is_in_the_way() == []
    component("fills", build=[bash("Fill", "echo b > /two")])
    told, people = build("--format", "raw", "--no-tests")
    assert told["status"] == "success", people
    assert [layer["fate"] for layer in told["layers"]] == ["cached", "runs", "runs"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system: needs root")
def test_a_full_disk_of_the_host_is_told_and_leaves_nothing_half_written(disk: Path, tmp_path: Path) -> None:
    """Below the state directory, where layers are kept, and below the cache, where a machine writes."""
    component("one", build=[bash("Make", "dd if=/dev/urandom of=/one bs=1M count=40")])
    recipe(disk, "one")
    run = 'mount -t tmpfs -o size=24m,mode=700 none "$1" && shift && "$@"; code=$?; find "$KEPT" -type f; exit $code'
    state, runs = tmp_path / "small", cache_folder() / "runs"
    state.mkdir()
    runs.mkdir(exist_ok=True)
    for folder, message in ((state, "cannot keep a layer in"), (runs, "no space is left for the machine's disk")):
        environment = {**os.environ, "TOE_STATE_DIRECTORY": str(state), "KEPT": str(folder)}
        words = ["unshare", "-m", "sh", "-c", run, "sh", str(folder), *command("--format", "raw", "--no-tests")]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 1, done.stderr
        assert message in done.stderr
        assert "Traceback" not in done.stderr
        found = [line for line in done.stdout.splitlines() if line.startswith(f"{folder}/")]
        assert [line for line in found if folder == runs or "/disks/" in line or "/.toe-" in line] == []
        assert list(Path().glob("machine-*")) == []
    shutil.rmtree(state)


def test_all_formats_are_read_back(disk: Path) -> None:
    """By qemu-img, and each has what the first one has."""
    component("one", build=[bash("Make", "echo a > /one")])
    recipe(disk, "one")
    for form in FORMATS:
        told, people = build("--format", form, "--no-tests", "--output", f"image.{form}")
        assert told["status"] == "success", people
        assert disk_of(Path(f"image.{form}")).format == FORMATS[form]
        same = subprocess.run(["qemu-img", "compare", "image.qcow2", f"image.{form}"], capture_output=True, text=True)
        assert same.returncode == 0, (form, same.stdout)
