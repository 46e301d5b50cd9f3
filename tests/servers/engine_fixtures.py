"""Fixtures: engines of containers with a storage of their own, and a base image that starts in no time."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from bundle_fixtures import keep_one_file

from toe.images.engines.base import Engine
from toe.images.engines.commands import asked
from toe.images.engines.find import find_engine
from toe.system.processes.linux import direct_children

STATIC = "localhost/static"
#: What a machine that is a container itself, or that lacks a capability, needs; the user's own settings are not read.
CONTAINERS_CONF = """\
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
"""
#: Containers of these tests talk to nobody. A bridge for each takes as long as all else that starts one.
LOOPBACK = Path("/usr/lib/cni/loopback")
NETWORK_CONF = """\
[network]
network_backend = "cni"
network_config_dir = "{folder}"
"""
NETWORK = '{"cniVersion": "0.4.0", "name": "podman", "plugins": [{"type": "loopback"}]}'
APPLETS = """
    sh cat echo ls sleep true false env id kill mkdir rm touch test stat find wc sort mount grep chmod chown readlink
    tty setsid head
""".split()


@pytest.fixture(scope="session")
def container_storage() -> Iterator[Path]:
    """The storage of all containers of these tests, which nobody else has; the environment names it."""
    if shutil.which("buildah") is None or shutil.which("runc") is None:
        pytest.skip("needs buildah and runc (apt-get install buildah runc)")
    if os.geteuid() != 0:
        pytest.skip("the tests keep their containers where root alone may mount them")
    folder = Path(tempfile.mkdtemp(prefix="c-"))  # a run root of more than 50 characters is refused
    networks = folder / "networks"
    networks.mkdir()
    (networks / "podman.conflist").write_text(NETWORK)
    network = NETWORK_CONF.format(folder=networks) if LOOPBACK.exists() else ""
    (folder / "containers.conf").write_text(CONTAINERS_CONF + network)
    storage = f'[storage]\ndriver = "overlay"\nrunroot = "{folder}/run"\ngraphroot = "{folder}/graph"\n'
    (folder / "storage.conf").write_text(storage)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTAINERS_CONF", str(folder / "containers.conf"))
        patch.setenv("CONTAINERS_STORAGE_CONF", str(folder / "storage.conf"))
        # the toe that runs in containers is made once for all processes that share these tests
        cache = f"{os.environ['TOE_TESTS_SHARED']}/cache"
        patch.setenv("XDG_CACHE_HOME", cache)
        if os.environ["TOE_TESTS_SHARED"] != os.environ["TMPDIR"]:  # other processes need the bundle as well
            keep_one_file(Path(cache))
        yield folder
        subprocess.run(["buildah", "rm", "--all"], capture_output=True, check=False)
        subprocess.run(["umount", f"{folder}/graph/overlay"], capture_output=True, check=False)


@pytest.fixture(scope="session")
def static_image(container_storage: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image with busybox alone: no C library, no Python, no bash."""
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("needs busybox (apt-get install busybox-static)")
    root = tmp_path_factory.mktemp("static")
    for folder in ("bin", "etc", "root", "tmp"):
        (root / folder).mkdir()
    shutil.copy(busybox, root / "bin/busybox")
    for applet in APPLETS:
        (root / "bin" / applet).symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n")
    (root / "tmp").chmod(0o1777)
    container = _buildah("from", "scratch")
    _buildah("add", "--quiet", container, str(root), "/")
    _buildah("config", "--env", "PATH=/bin", "--cmd", '["/bin/sh"]', container)
    _buildah("commit", "--quiet", "--rm", "--identity-label=false", container, STATIC)
    return STATIC


@pytest.fixture(scope="session")
def buildah(container_storage: Path) -> Engine:
    """The engine `buildah` on the tests' own storage."""
    return find_engine("buildah")


def containers() -> list[str]:
    """The names of the containers of buildah."""
    return _buildah("containers", "--format", "{{.ContainerName}}").split()


def _buildah(*words: str) -> str:
    return asked("buildah", *words)


@pytest.fixture
def adopted() -> Iterator[None]:
    """What a killed `toe` had begun comes to this process where that adopts: it is taken when it has ended."""
    yield
    for pid in direct_children():
        with suppress(OSError):  # it is somebody's
            if not Path(f"/proc/{pid}/cmdline").read_bytes():  # it has ended
                os.waitpid(pid, 0)
