"""Builds that get a signal at one of their commands, and what may be left of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from engine_fixtures import containers

from toe.images.engines.commands import asked
from toe.images.engines.owners import is_left_over

#: Stands for a program: at the command of a number it sends a signal to toe, which began it, and does its work then.
STRIKING = """\
#!/bin/sh
n=$(($(cat {count}) + 1)); echo $n > {count}
[ $n != {at} ] || kill -{signal} $PPID
exec {path} "$@"
"""


def struck(
    tmp_path: Path, at: int, number: int, *options: str, program: str = "buildah"
) -> subprocess.CompletedProcess[str]:
    """A build that gets a signal at one of its commands of a program; `commands_of` says how many there were."""
    bin_folder, count = tmp_path / "bin", tmp_path / "count"
    bin_folder.mkdir(exist_ok=True)
    count.write_text("0")
    script = STRIKING.format(count=count, at=at, signal=number, path=shutil.which(program))
    (bin_folder / program).write_text(script)
    (bin_folder / program).chmod(0o755)
    environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "toe", "build", *options, "recipe.json"]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=300, start_new_session=True, check=False
    )


def commands_of(tmp_path: Path) -> int:
    """How many commands of the program a build had that was `struck`."""
    return int((tmp_path / "count").read_text())


def is_in_the_way() -> list[str]:
    """What a killed build may have left: containers, their mounts, names, notes, folders of runs, images of no name."""
    state, cache = Path(os.environ["TOE_STATE_DIRECTORY"], "images"), Path(os.environ["XDG_CACHE_HOME"], "toe")
    runs = [path for path in (cache / "runs").glob("*") if is_left_over(path.name)]  # others' tests have some as well
    notes = [*(state / "making").glob("*"), *(state / "locks").glob("*"), *state.glob("*/.toe-*")]
    told = json.loads(asked("buildah", "images", "--all", "--json") or "[]") or []
    unnamed = [image["id"] for image in told if not image.get("names")]
    work = [name for image in told for name in image.get("names") or () if "toe-building" in name]
    mounts = asked("buildah", "mount").splitlines()
    return [*containers(), *mounts, *map(str, runs), *map(str, notes), *unnamed, *work]


def forget_all() -> None:
    """Neither cache nor records nor names are there."""
    shutil.rmtree(os.environ["TOE_STATE_DIRECTORY"], ignore_errors=True)
    for image in json.loads(asked("buildah", "images", "--json") or "[]") or []:
        for name in image.get("names") or ():
            if "/static:" not in name:
                asked("buildah", "rmi", name)
