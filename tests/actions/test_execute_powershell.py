"""ExecutePowerShell: how PowerShell is called, what is written for it, and where a run has it.

There is no PowerShell here but by chance: what mostly runs is a program of its name that notes how it was called. That
proves the contract of the call only.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import toe
from toe.actions.programs import write_script
from toe.actions.programs.powershell import (
    powershell_argv,
    powershell_program,
    powershell_text,
    windows_powershell_environment,
)
from toe.system.host import Host, current_host

if TYPE_CHECKING:
    from tests.conftest import RunDocument

REFUSED = "Unsupported action ExecutePowerShell for os platform linux."


def host(platform: str) -> Host:
    return current_host(own_process=False)._replace(platform=platform)


def document(step: dict[str, Any], name: str = "Script") -> str:
    steps = [{"name": name, "action": "ExecutePowerShell", **step}]
    return json.dumps({"schemaVersion": "1.0", "phases": [{"name": "build", "steps": steps}]})


def commands(*lines: str, **step: Any) -> str:
    return document({"inputs": {"commands": lines}, **step})


@pytest.fixture
def pwsh(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Makes a `pwsh` that copies its script to `script` and then does as told; the environment that has it on PATH."""

    def make(body: str) -> dict[str, str]:
        program = tmp_path / "bin" / "pwsh"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\ncp "$6" {tmp_path}/script\n{body}\n')
        program.chmod(0o755)
        return {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}

    return make


@pytest.fixture
def without_pwsh() -> dict[str, str]:
    """An environment in which no PowerShell is found."""
    return {**os.environ, "PATH": "/nowhere"}


def test_powershell_is_called_without_profile_and_questions() -> None:
    assert powershell_argv("powershell.exe", r"C:\x y\a.ps1") == [
        *("powershell.exe", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", r"C:\x y\a.ps1")
    ]
    assert [powershell_program(host(name)) for name in ("windows", "linux", "darwin")] == [
        *("powershell.exe", "pwsh", "pwsh")
    ]


def test_windows_powershell_does_not_look_among_the_modules_of_powershell_7() -> None:
    theirs = [
        r"C:\Users\ann\Documents\PowerShell\Modules",
        r"C:\Program Files\PowerShell\Modules",
        r"c:\program files\powershell\7\Modules",
        '"C:\\Program Files\\PowerShell\\7-preview\\Modules\\"',
    ]
    ours = [
        r"C:\Program Files\WindowsPowerShell\Modules",
        r"C:\Windows\system32\WindowsPowerShell\v1.0\Modules",
        r"C:\Program Files (x86)\AWS Tools\PowerShell",
        r"D:\own\Modules",
    ]
    mixed = [*theirs[:2], *ours, "", *theirs[2:]]
    assert windows_powershell_environment({"PSModulePath": ";".join(mixed), "PATH": "x"}) == {
        "PSModulePath": ";".join(ours),
        "PATH": "x",
    }
    assert windows_powershell_environment({"PSMODULEPATH": ";".join(theirs)}) == {}


@pytest.mark.parametrize(
    ("platform", "text", "written"),
    [
        ("windows", "Write-Host 'ü'\nexit 1\n", b"\xef\xbb\xbfWrite-Host '\xc3\xbc'\r\nexit 1\r\n"),
        ("windows", "a\r\nb\n", b"\xef\xbb\xbfa\r\nb\r\n"),
        ("linux", "Write-Host 'ü'\n", b"Write-Host '\xc3\xbc'\n"),
    ],
)
def test_a_script_has_no_line_of_ours(platform: str, text: str, written: bytes, tmp_path: Path) -> None:
    path = tmp_path / "script.ps1"
    write_script(str(path), powershell_text(text, host(platform)))
    assert path.read_bytes() == written
    assert path.stat().st_mode & 0o777 == 0o600


def test_commands_are_one_script(
    run_document: RunDocument, pwsh: Callable[[str], dict[str, str]], tmp_path: Path
) -> None:
    result = run_document(commands("$a = 1", "Write-Host $a"), environment=pwsh("echo printed"))
    step = result.documents[0].phases[0].steps[0]
    assert (step.status, step.outputs) == (toe.Status.SUCCESS, ({"stdout": "printed"},))
    assert (tmp_path / "script").read_text() == "$a = 1\nWrite-Host $a\n"
    *options, script = (tmp_path / "arguments").read_text().split()
    assert options == ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"]
    assert script.endswith(".ps1")
    assert not Path(script).exists()
    (log,) = tmp_path.glob("TOE_*/console.log")
    assert f"ExecutePowerShell: Created temporary script file at: {script}\n" in log.read_text()


def test_a_file_is_run_where_it_lies(
    run_document: RunDocument, pwsh: Callable[[str], dict[str, str]], tmp_path: Path
) -> None:
    Path("setup.PS1").write_text("Write-Host here\n")
    result = run_document(document({"inputs": {"file": "setup.PS1"}}), environment=pwsh("true"))
    assert result.status is toe.Status.SUCCESS
    assert (tmp_path / "arguments").read_text().split()[-1] == "setup.PS1"


def test_a_failing_script_shows_its_exit_code_and_stderr(
    run_document: RunDocument, pwsh: Callable[[str], dict[str, str]]
) -> None:
    result = run_document(commands("throw 'x'"), environment=pwsh("echo gone wrong >&2; exit 7"))
    failure = result.documents[0].phases[0].steps[0].failure
    assert failure is not None
    assert (failure.message, failure.exit_code, failure.stderr) == ("exit status 7", 7, "gone wrong")


def test_an_exit_code_of_3010_asks_for_a_reboot(
    run_document: RunDocument, pwsh: Callable[[str], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOE_NO_REBOOT")
    environment = pwsh("exit $((3010 % 256))")
    result = run_document(commands("exit 3010"), environment=environment)
    assert result.reboot is not None


def test_a_script_that_takes_too_long_is_ended(
    run_document: RunDocument, pwsh: Callable[[str], dict[str, str]]
) -> None:
    text = commands("Start-Sleep 100", timeoutSeconds=1)
    result = run_document(text, environment=pwsh("exec sleep 100"))
    assert result.documents[0].phases[0].steps[0].status is toe.Status.TIMED_OUT


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"file": "{{ build.Name.outputs.stdout }}"}, "the script 'missing.ps1' does not exist"),
        ({"file": "{{ build.Other.outputs.stdout }}"}, "'x.sh' is no PowerShell script: the file's name ends in .ps1"),
    ],
)
def test_a_file_that_cannot_be_meant_fails_before_anything_starts(
    inputs: dict[str, str],
    message: str,
    run_document: RunDocument,
    pwsh: Callable[[str], dict[str, str]],
    tmp_path: Path,
) -> None:
    steps = [
        {"name": "Name", "action": "ExecuteBash", "inputs": {"commands": ["echo missing.ps1"]}},
        {"name": "Other", "action": "ExecuteBash", "inputs": {"commands": ["echo x.sh"]}},
        {"name": "Script", "action": "ExecutePowerShell", "inputs": inputs},
    ]
    text = json.dumps({"schemaVersion": "1.0", "phases": [{"name": "build", "steps": steps}]})
    failure = run_document(text, environment=pwsh("true")).documents[0].phases[0].steps[2].failure
    assert failure is not None
    assert failure.message == message
    assert not (tmp_path / "arguments").exists()


def test_a_run_without_pwsh_is_refused_before_anything_runs(
    run_document: RunDocument, without_pwsh: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(toe.ToeError) as caught:
        run_document(commands("exit 0"), environment=without_pwsh)
    (problem,) = caught.value.problems
    assert problem.message == REFUSED
    assert "it needs pwsh, which is not installed here" in problem.hint
    assert not list(tmp_path.glob("TOE_*"))


def test_the_command_line_refuses_it_with_exit_code_2(without_pwsh: dict[str, str]) -> None:
    Path("doc.yml").write_text(commands("exit 0"))
    argv = [sys.executable, "-m", "toe", "run", "doc.yml"]
    done = subprocess.run(argv, env=without_pwsh, capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["executedStepCount"]) == (2, 0)
    assert REFUSED in done.stderr


@pytest.mark.parametrize("has_pwsh", [True, False])
def test_a_nested_document_follows_the_same_rule(
    has_pwsh: bool,
    run_document: RunDocument,
    pwsh: Callable[[str], dict[str, str]],
    without_pwsh: dict[str, str],
) -> None:
    Path("nested.yml").write_text(commands("exit 0"))
    step = {"name": "Nested", "action": "ExecuteDocument", "inputs": {"document": "nested.yml"}}
    text = json.dumps({"schemaVersion": "1.0", "phases": [{"name": "build", "steps": [step]}]})
    if has_pwsh:
        assert run_document(text, environment=pwsh("true")).status is toe.Status.SUCCESS
        return
    with pytest.raises(toe.ToeError) as caught:
        run_document(text, environment=without_pwsh)
    assert REFUSED in [problem.message for problem in caught.value.problems]


def test_validation_for_linux_refuses_it_whatever_is_installed(
    pwsh: Callable[[str], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", pwsh("true")["PATH"])
    Path("doc.yml").write_text(commands("exit 0"))
    assert REFUSED in [problem.message for problem in toe.validate("doc.yml", platforms=["linux"])]


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="needs PowerShell")
def test_a_real_powershell_runs_a_script(run_document: RunDocument) -> None:
    result = run_document(commands("$a = 'real'", "Write-Output $a", "exit 0"))
    assert result.documents[0].phases[0].steps[0].outputs == ({"stdout": "real"},)
