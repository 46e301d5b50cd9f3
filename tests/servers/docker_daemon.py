"""docker's own daemon, of Debian's docker.io, in a folder and a network of its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from toe.images.engines.commands import asked

_DAEMON = """
    unshare --net dockerd --iptables=false --ip6tables=false --storage-driver=vfs --cgroup-parent /
    --exec-opt native.cgroupdriver=cgroupfs --default-ulimit nofile=1024:1024 --default-ulimit nproc=1024:1024
""".split()


@contextmanager
def docker_daemon() -> Iterator[str]:
    """The address of a daemon that is there as long as the block lasts; skips where none can be."""
    if shutil.which("dockerd") is None or shutil.which("docker") is None:
        pytest.skip("needs dockerd (apt-get install docker.io)")
    folder = Path(tempfile.mkdtemp(prefix="d-"))
    address = f"unix://{folder}/docker.sock"
    places = ("--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid")
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen([*_DAEMON, *places, "--host", address], stdout=log, stderr=log)
    try:
        while subprocess.run(["docker", "--host", address, "version"], capture_output=True, check=False).returncode:
            if daemon.poll() is not None:
                pytest.skip(f"dockerd does not start here: {(folder / 'log').read_text().splitlines()[-1:]}")
        yield address
    finally:
        daemon.terminate()
        daemon.wait()
        subprocess.run(["umount", f"{folder}/data"], capture_output=True, check=False)  # it mounts it on itself
        shutil.rmtree(folder)


def give_image(image: str, folder: Path) -> None:
    """Have the daemon of DOCKER_HOST know an image of buildah by the same name."""
    archive = folder / "image.tar"
    asked("buildah", "push", "--quiet", image, f"docker-archive:{archive}:{image}:latest")
    asked("docker", "load", "--quiet", "--input", str(archive))
    archive.unlink()
