"""`toe new`: what it writes is right as it stands."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from forked_toe import toe_says

import toe as library
from toe.actions import ActionTable
from toe.check.check import CheckOptions, check_all
from toe.check.findings import Findings
from toe.check.image_builder import check_image_builder
from toe.cli.templates import PLATFORMS, component_text


def toe(*arguments: str) -> subprocess.CompletedProcess[str]:
    return toe_says(*arguments)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("name", ["web-server", "My App 2", "123", "yes", "null", "2026-01-01"])
def test_template_has_no_problem_of_any_severity(platform: str, name: str) -> None:
    data = component_text(name, platform).encode()
    options = CheckOptions(platforms=(platform,), lint=True, profile="imagebuilder")
    document, problems = check_all(data, f"{name}.yml", options, ActionTable())
    assert problems == []
    assert document is not None
    findings = Findings("a.yml", data)
    check_image_builder(document, findings)
    assert findings.problems == []
    assert document.name == name
    assert [phase.name for phase in document.phases] == ["build", "validate", "test"]
    assert data.startswith(b"# yaml-language-server: $schema=component.schema.json\n")


def test_new_writes_a_component_that_validates_and_runs() -> None:
    done = toe("new", "web-server")
    assert (done.returncode, done.stdout) == (0, "web-server.yml\n")
    assert "toe run web-server.yml\n" in done.stderr
    arguments = ["--profile", "imagebuilder", "--os-platforms", "linux", "--strict"]
    assert toe("validate", *arguments, "web-server.yml").returncode == 0
    ran = toe("run", "web-server.yml")
    assert ran.returncode == 0
    assert json.loads(ran.stdout)["executedStepCount"] == 3


def test_new_component_fails_for_a_program_that_is_not_there(tmp_path: Path) -> None:
    Path("a.yml").write_text(component_text("web-server", "linux").replace("maxAttempts: 3", "maxAttempts: 1"))
    result = library.run("a.yml", parameters={"Program": "no-such-program"}, log_directory=tmp_path)
    assert result.status is library.Status.FAILED


@pytest.mark.parametrize("name", ["web-server.yml", "web-server.yaml", "web-server.YML"])
def test_new_takes_a_name_with_its_ending(name: str) -> None:
    done = toe("new", name)
    assert (done.returncode, done.stdout) == (0, f"{name}\n")
    assert [path.name for path in Path().iterdir()] == [name]
    assert re.search(r"^name: .?web-server.?$", Path(name).read_text(), re.M)


def test_new_makes_the_directory_and_names_the_platform() -> None:
    done = toe("new", "My App", "--directory", "some/components", "--os-platform", "windows")
    assert (done.returncode, done.stdout) == (0, "some/components/My App.yml\n")
    assert "--os-platforms windows 'some/components/My App.yml'\n" in done.stderr
    assert "toe run" not in done.stderr
    assert "toe schema > some/components/component.schema.json " in done.stderr
    assert "ExecutePowerShell" in Path("some/components/My App.yml").read_text()


@pytest.mark.parametrize("existing", ["file", "folder", "broken link"])
def test_new_replaces_nothing(existing: str) -> None:
    path = Path("web-server.yml")
    if existing == "file":
        path.write_text("mine")
    elif existing == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    done = toe("new", "web-server")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.search(r"'web-server.yml' exists already\n  .*another name", done.stderr)
    assert existing != "file" or path.read_text() == "mine"
    assert not Path("nowhere").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "takes one name"),
        (["one", "two"], "takes one name"),
        (["a"], "is no component name"),
        (["web-server.txt"], "is no component name"),
        ([".yml"], "is no component name"),
        (["grün"], "is no component name"),
        (["it's"], "is no component name"),
        ([" web"], "is no component name"),
        (["web\n"], "is no component name"),
        (["x" * 129], "is no component name"),
        (["dir/web"], "--directory"),
        (["../web"], "--directory"),
        (["NUL"], "no file name on Windows"),
        (["web", "--os-platform", "beos"], "platforms: linux, darwin, windows"),
        (["web", "--directory", "file"], "cannot write 'file/web.yml'"),
        (["--", "-web"], "is no component name"),
    ],
)
def test_new_refuses_with_2_and_writes_nothing(arguments: list[str], said: str) -> None:
    Path("file").write_text("")
    done = toe("new", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in Path().iterdir()] == ["file"]
