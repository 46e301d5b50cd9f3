"""`toe build` against the same done by hand with buildah, in seconds.

    python tests/bench/build.py [--rounds N] [--debian]

On a static base of busybox alone; `--debian` measures on Debian as well (by debootstrap, from a network). It needs
root, buildah, runc and busybox-static; containers have a storage of their own, in a folder that goes at the end.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from measure import Promise, call, report

TOE = str(Path(sys.executable).parent / "toe")
NAMES = ("one", "two", "three")
SCRIPT = "for i in 1 2 3; do echo $i; done > /made-by-{}"
TEMPLATE = "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n"
CONTAINERS_CONF = """\
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
"""


@contextmanager
def own_storage() -> Iterator[None]:
    """Work in a new folder, with a storage of containers, a cache and a state that nobody else has."""
    folder = Path(tempfile.mkdtemp(prefix="b-", dir="/var/tmp"))
    (folder / "containers.conf").write_text(CONTAINERS_CONF)
    storage = f'[storage]\ndriver = "overlay"\nrunroot = "{folder}/run"\ngraphroot = "{folder}/graph"\n'
    (folder / "storage.conf").write_text(storage)
    os.environ["CONTAINERS_CONF"] = str(folder / "containers.conf")
    os.environ["CONTAINERS_STORAGE_CONF"] = str(folder / "storage.conf")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    os.environ["TOE_STATE_DIRECTORY"] = str(folder / "state")
    (folder / "work").mkdir()
    os.chdir(folder / "work")
    try:
        yield
    finally:
        os.chdir("/")
        subprocess.run(["buildah", "rm", "--all"], capture_output=True, check=False)
        subprocess.run(["umount", f"{folder}/graph/overlay"], capture_output=True, check=False)
        shutil.rmtree(folder)


def buildah(*words: str) -> str:
    """What a command of buildah prints."""
    return subprocess.run(["buildah", *words], check=True, capture_output=True, text=True).stdout.strip()


def static_base() -> str:
    """An image with busybox alone."""
    root = Path("static")
    for name in ("bin", "etc", "tmp"):
        (root / name).mkdir(parents=True)
    shutil.copy(shutil.which("busybox") or "busybox", root / "bin/busybox")
    for applet in ("sh", "echo", "test", "true"):
        (root / "bin" / applet).symlink_to("busybox")
    return image_of(root, "localhost/static")


def debian_base() -> str:
    """An image of Debian's smallest system."""
    call(["debootstrap", "--variant=minbase", "bookworm", "debian"])
    return image_of(Path("debian"), "localhost/debian")


def image_of(root: Path, name: str) -> str:
    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, str(root), "/")
    buildah("config", "--env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", container)
    buildah("commit", "--quiet", "--rm", container, name)
    return name


def write_recipe(base: str, script: str = SCRIPT) -> None:
    """A recipe of three components, the last of which has another script where one is given."""
    for name in NAMES:
        text = script if name == NAMES[-1] else SCRIPT
        phases = [phase("build", text.format(name)), phase("test", f"test -s /made-by-{name}")]
        folder = Path("components", name, "1.0.0")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "component.yml").write_text(json.dumps({"schemaVersion": "1.0", "phases": phases}))
    recipe = {
        "name": "bench",
        "semanticVersion": "1.0.0",
        "containerType": "DOCKER",
        "parentImage": base,
        "components": [{"componentArn": f"{name}/1.0.0"} for name in NAMES],
        "targetRepository": {"service": "ECR", "repositoryName": "bench"},
        "dockerfileTemplateData": TEMPLATE,
    }
    Path("recipe.json").write_text(json.dumps(recipe))


def phase(name: str, script: str) -> dict[str, object]:
    step = {"name": "Run", "action": "ExecuteBinary", "inputs": {"path": "sh", "arguments": ["-c", script]}}
    return {"name": name, "steps": [step]}


def typical(rounds: int, action: Callable[[], object]) -> float:
    """The median of some rounds, in seconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return median(times)


def toe_build(*options: str) -> None:
    call([TOE, "build", *options, "recipe.json"])


def by_hand(image: str, *scripts: str, is_kept: bool = False) -> None:
    """A container in which a script runs, as an image where `is_kept`: what a component or the tests need at least."""
    container = buildah("from", "--pull-never", image)
    for script in scripts:
        buildah("run", container, "--", "sh", "-c", script)
    if is_kept:
        buildah("commit", "--quiet", container, "localhost/by-hand")
    buildah("rm", container)


def measured(base: str, rounds: int, most_in_all: float) -> list[Promise]:
    """What holds on a base."""
    write_recipe(base)
    toe_build()
    tested = typical(rounds, lambda: by_hand("localhost/bench:latest", "true"))
    unchanged = typical(rounds, toe_build)
    numbers = itertools.count()

    def changed() -> None:
        write_recipe(base, f"{SCRIPT}; : {next(numbers)}")
        toe_build()

    last = typical(rounds, changed)
    own = typical(rounds, lambda: by_hand(base, SCRIPT.format("own"), is_kept=True))
    anew = typical(rounds, lambda: toe_build("--no-cache"))
    added = (anew - unchanged) / len(NAMES) - own
    took = f"{unchanged:.2f} s, the bare test container {tested:.2f} s"
    return [
        Promise(f"{base}: nothing changed, above the bare test container, s", unchanged - tested, 1.5, took),
        Promise(f"{base}: nothing changed, in all, s", unchanged, most_in_all, took),
        Promise(
            f"{base}: the last component changed, above its own time, s",
            last - unchanged - own,
            2.5,
            f"{last:.2f} s; by hand it takes {own:.2f} s",
        ),
        Promise(f"{base}: added to each component, s", added, 0.4, f"three anew {anew:.2f} s; one by hand {own:.2f} s"),
    ]


def main() -> int:
    """Measure and say what holds."""
    parser = argparse.ArgumentParser(description="Measure toe build.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--debian", action="store_true")
    given = parser.parse_args()
    with own_storage():
        promises = measured(static_base(), given.rounds, 4.5)
        if given.debian:
            promises += measured(debian_base(), given.rounds, 4.5)
    return report(promises)


if __name__ == "__main__":
    sys.exit(main())
