"""The wheel has the collection where Ansible looks for it, and its version is that of toe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import yaml
from fleet_fixtures import COLLECTIONS

from toe.version import __version__

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def test_ansible_finds_the_collection_of_the_wheel(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    assert not (tmp_path / "site/toe/fleet/ansible_collections").exists()
    program = Path(sys.executable).with_name("ansible-doc")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "ANSIBLE_HOME": str(tmp_path / "home")}
    for words in (["toe.toe.run", "toe.toe.validate"], ["-t", "lookup", "toe.toe.one_file"]):
        done = subprocess.run([program, *words], env=environment, capture_output=True, text=True)
        found = done.stdout.count(str(tmp_path / "site/ansible_collections/toe/toe/plugins"))
        assert found == sum(word.startswith("toe.") for word in words), done.stdout + done.stderr


def test_the_collection_has_the_version_of_toe() -> None:
    galaxy = yaml.safe_load((COLLECTIONS / "ansible_collections/toe/toe/galaxy.yml").read_text())
    assert galaxy["version"] == __version__
