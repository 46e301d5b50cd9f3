"""A small Debian with systemd and cron that boots in a container (../shared/vm), as often as a test likes.

The root file system is built once into $TOE_VM_DIR (default /var/cache/toe-tests) and never changed: each test lays its
own folder over it. A payload is a folder whose program `run` the machine starts at every boot, with BOOT=1, 2, ...
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType

import yaml

import toe

SHARED = Path(__file__).resolve().parents[3] / "shared" / "vm"
TOOLS = ("systemd-nspawn", "debootstrap", "mke2fs")
PACKAGES = "systemd-container debootstrap e2fsprogs"
SECONDS_FOR_A_BOOT = 30


class UnavailableError(Exception):
    """The machine cannot be had here, and why."""


def built_root() -> Path:
    """The root file system, built where it is missing or was built by another vm.sh. Raises UnavailableError."""
    if os.geteuid() != 0:
        raise UnavailableError("only root can boot a container")
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise UnavailableError(f"{', '.join(missing)} not found; apt-get install {PACKAGES}")
    folder = Path(os.environ.get("TOE_VM_DIR") or "/var/cache/toe-tests")
    folder.mkdir(parents=True, exist_ok=True)
    builder = SHARED / "vm.sh"
    version = hashlib.sha256(builder.read_bytes()).hexdigest()
    finished = folder / "finished"
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists() or finished.read_text() != version:
            finished.unlink(missing_ok=True)
            done = subprocess.run(
                [builder, "build", folder], stdin=subprocess.DEVNULL, capture_output=True, check=False
            )
            if done.returncode != 0:
                raise UnavailableError(f"'{builder} build {folder}' failed: {done.stderr.decode(errors='replace')}")
            finished.write_text(version)
    return folder / "rootfs"


def install_toe(site: Path) -> None:
    """Put toe, and the one package that `toe run` needs, into a folder for the machine's PYTHONPATH.

    The machine's Python may be another than ours: then yaml does without its compiled part.
    """
    for package in (toe, yaml):
        shutil.copytree(Path(str(package.__file__)).parent, site / package.__name__)


class NspawnMachine:
    """One machine, from the root that was built: what it changes stays in `folder`. A context manager.

    `root` is its file system, `payload` and `out` are /payload and /out there.
    """

    def __init__(self, built: Path, folder: Path) -> None:
        self._built = built
        self._layers = folder / "layers"
        self.root = folder / f"toe-{os.getpid()}-{os.urandom(4).hex()}"  # names the container as well
        self.payload = folder / "payload"
        self.out = folder / "out"

    def __enter__(self) -> NspawnMachine:
        upper, work = self._layers / "upper", self._layers / "work"
        for made in (upper, work, self.root, self.payload, self.out):
            made.mkdir(parents=True)
        layers = f"lowerdir={self._built},upperdir={upper},workdir={work}"
        mounted = subprocess.run(
            ["mount", "-t", "overlay", "overlay", "-o", layers, self.root], capture_output=True, check=False
        )
        if mounted.returncode != 0:  # the folder is on an overlay itself
            subprocess.run(["cp", "-a", f"{self._built}/.", self.root], check=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.root.is_mount():
            subprocess.run(["umount", self.root], check=True)

    def boot(self, *, at_most: int = 6, seconds: int = SECONDS_FOR_A_BOOT) -> int:
        """Boot, and boot again after each reboot, until it powers off. Returns what the payload ended with.

        124 is a boot that took longer than `seconds`, 133 one reboot too many.
        """
        environment = {**os.environ, "BOOTS": str(at_most), "TIMEOUT": str(seconds)}
        arguments = [SHARED / "nsboot.sh", self.root, self.payload, self.out]
        return subprocess.run(arguments, env=environment, stdin=subprocess.DEVNULL, check=False).returncode

    def printed(self) -> str:
        """What the payload's program and the console said: for the message of a test that fails."""
        return "".join(
            (self.out / name).read_text(errors="replace")
            for name in ("console.txt", "run.log")
            if (self.out / name).exists()
        )
