"""Files and folders that the user may not read or write: each is named with the reason, none is passed over."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCUMENT = (
    "schemaVersion: 1.0\nphases: [{name: build, steps: [{name: One, action: Assert, inputs: {folderExists: /}}]}]\n"
)
#: root may do everything, unless it gives these up.
WITHOUT_OVERRIDE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


@pytest.fixture(autouse=True)
def places() -> Iterator[None]:
    if WITHOUT_OVERRIDE and not shutil.which("setpriv"):
        pytest.skip("setpriv is not installed")
    for name in ("a.yml", "closed.yml", "tree/a.yml", "tree/locked/b.yml", "fixed/a.yml"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(DOCUMENT)
    for name, mode in (("closed.yml", 0), ("tree/locked", 0), ("fixed", 0o555)):
        Path(name).chmod(mode)
    yield
    for name in ("tree/locked", "fixed"):
        Path(name).chmod(0o755)


def toe(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*WITHOUT_OVERRIDE, sys.executable, "-m", "toe", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run closed.yml", "closed.yml: cannot read the document: Permission denied"),
        ("validate a.yml closed.yml", "closed.yml: error: cannot read the document: Permission denied"),
        ("validate tree", "tree/locked: error: cannot read the document: Permission denied"),
        ("validate tree/locked", "tree/locked: error: cannot read the document: Permission denied"),
        ("run tree/locked", "tree/locked: cannot read the document: Permission denied"),
        ("run --config closed.yml", "closed.yml: cannot read the config file: Permission denied"),
        ("run a.yml -l fixed", "cannot create the log folder 'fixed/"),
        ("run a.yml -s fixed", "cannot create the state '"),
        ("run a.yml -s tree/locked", "cannot read the state directory"),
        ("status -s tree/locked", "cannot read the state directory"),
        ("resume -s tree/locked", "cannot read the state directory"),
        ("resume -s a.yml", "a.yml"),
        ("abandon one -s tree/locked", "cannot read the state directory"),
        ("new web --directory fixed", "cannot write 'fixed/web.yml': Permission denied"),
        ("validate a.yml --output fixed/report", "cannot write 'fixed/report': Permission denied"),
    ],
)
def test_what_may_not_be_read_or_written_is_named(words: str, said: str) -> None:
    done = toe(*words.split())
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 3


def test_what_can_be_read_of_a_folder_is_checked_all_the_same() -> None:
    Path("tree/a.yml").write_text("phases: 1\n")
    done = toe("validate", "tree")
    assert "tree/a.yml:1:" in done.stderr
    assert "tree/locked: error:" in done.stderr
