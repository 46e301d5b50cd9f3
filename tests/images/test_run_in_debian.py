"""`toe run --in` on a small Debian: bash, apt, another C library than that of toe. Slow: debootstrap fetches it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from made_once import made_once
from run_in import run, say, summary, write

from toe.images.engines.commands import asked

pytestmark = pytest.mark.slow
DEBIAN = "localhost/debian"
#: With nothing of the terminal's or the test's environment, as an image has it.
BOOTSTRAP = ("debootstrap", "--variant=minbase", "bookworm")


@pytest.fixture(scope="module")
def debian(container_storage: Path) -> str:
    """An image of a minimal Debian."""
    if shutil.which("debootstrap") is None:
        pytest.skip("needs debootstrap (apt-get install debootstrap)")

    def make(folder: Path) -> None:
        done = subprocess.run([*BOOTSTRAP, str(folder)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"debootstrap cannot fetch a Debian: {done.stdout.splitlines()[-1:]}")

    container = asked("buildah", "from", "scratch")
    asked("buildah", "add", "--quiet", container, str(made_once("debian", make)), "/")
    asked("buildah", "config", "--cmd", '["bash"]', container)
    asked("buildah", "commit", "--quiet", "--rm", container, DEBIAN)
    return DEBIAN


@pytest.mark.parametrize("words", [("--engine", "buildah"), ("--isolation", "chroot"), ("--engine", "podman")])
def test_bash_and_packages_work_as_on_a_machine(debian: str, words: tuple[str, ...]) -> None:
    script = ["set -e", "dpkg --remove --force-all tzdata", "! dpkg -s tzdata 2>/dev/null", "echo $BASH_VERSION $HOME"]
    remove = {"name": "Remove", "action": "ExecuteBash", "inputs": {"commands": script}}
    reboot = {"name": "Reboot", "action": "Reboot", "inputs": {"delaySeconds": 0}}
    still = say("Still", "test ! -e /usr/share/zoneinfo/UTC && id -u")
    done = run(debian, write("component.yml", remove, reboot, still), *words, "--show-output", TOE_NO_REBOOT="")
    assert done.returncode == 0, done.stderr
    assert summary(done)["executedStepCount"] == 3
    assert "(1)-release /root" in done.stderr
