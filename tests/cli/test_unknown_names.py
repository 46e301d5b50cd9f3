"""Lists that protect somebody: a name in them that names nothing is refused, and nothing runs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from forked_toe import toe_says

import toe as library

STEP = "{name: One, action: ExecuteBash, inputs: {commands: [touch ran]}}"
DECLARED = "parameters: [{Token: {type: string, default: s3cret}}]\n"


def toe(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return toe_says(*arguments, environment=environment)


def write(name: str, *steps: str, head: str = "") -> str:
    Path(name).write_text(
        f"schemaVersion: 1.0\n{head}phases: [{{name: build, steps: [{', '.join(steps or (STEP,))}]}}]\n"
    )
    return name


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("ExecutBash", "(did you mean 'ExecuteBash'?)"),
        ("executebash", "(did you mean 'ExecuteBash'?)"),
        ("Execute*", "patterns are not expanded"),
        ("Reboot;UpdateOS", "put commas between the names: Reboot,UpdateOS"),
        ("Reboot UpdateOS", "put commas between the names: Reboot,UpdateOS"),
        ("Reboot,Nonsense", "unknown blocked action module 'Nonsense'"),
    ],
)
@pytest.mark.parametrize("command", ["run", "validate"])
def test_an_unknown_blocked_action_runs_nothing(command: str, names: str, said: str) -> None:
    done = toe(command, write("a.yml"), "--blocked-action-modules", names)
    assert done.returncode == 2
    assert said in done.stderr
    assert json.loads(done.stdout)
    assert not Path("ran").exists()


def test_known_blocked_actions_are_taken() -> None:
    assert toe("run", write("a.yml"), "--blocked-action-modules", "Reboot, UpdateOS").returncode == 0
    assert toe("run", "a.yml", "--blocked-action-modules", "Reboot,ExecuteBash").returncode == 2


def test_the_library_refuses_unknown_names_too() -> None:
    write("a.yml")
    with pytest.raises(library.ToeError, match="unknown blocked action module 'Rebot'"):
        library.run("a.yml", blocked_actions=["Rebot"])
    with pytest.raises(library.ToeError, match="unknown blocked action module 'Rebot'"):
        library.validate("a.yml", blocked_actions=["Rebot"])
    with pytest.raises(library.ToeError, match="'Tokn' is to be masked"):
        library.run("a.yml", mask=["Tokn"])
    assert not Path("ran").exists()


@pytest.mark.parametrize("by_option", [True, False], ids=["--mask", "TOE_MASK"])
def test_an_unknown_name_to_be_masked_runs_nothing(by_option: bool) -> None:
    write("a.yml", head=DECLARED)
    done = toe("run", "a.yml", "--mask", "Tokn") if by_option else toe("run", "a.yml", TOE_MASK="Tokn")
    assert done.returncode == 2
    assert "'Tokn' is to be masked" in done.stderr
    assert "(did you mean 'Token'?)" in done.stderr
    assert not Path("ran").exists()


def test_parameters_constants_and_variables_of_the_environment_are_known() -> None:
    write("a.yml", head=DECLARED + "constants: [{Key: {type: string, value: abcdef}}]\n")
    assert toe("run", "a.yml", "--mask", "Token,Key,HELD", HELD="abcdef").returncode == 0


def test_what_a_nested_document_declares_is_known() -> None:
    write("inner.yml", head=DECLARED)
    write("a.yml", "{name: Call, action: ExecuteDocument, inputs: {document: inner.yml}}")
    assert toe("run", "a.yml", "--mask", "Token").returncode == 0
    done = toe("run", "a.yml", "--mask", "Tokn")
    assert (done.returncode, "(did you mean 'Token'?)" in done.stderr) == (2, True)


def test_where_a_nested_document_is_not_known_yet_it_is_a_warning() -> None:
    write("inner.yml", head=DECLARED)
    write("a.yml", '{name: Call, action: ExecuteDocument, inputs: {document: "{{ env:INNER }}"}}')
    done = toe("run", "a.yml", "--mask", "Token", INNER="inner.yml")
    assert done.returncode == 0
    assert "warning: 'Token' is to be masked and is no parameter" in done.stderr


def test_a_run_goes_on_without_the_variable_that_it_began_with() -> None:
    write(
        "a.yml", "{name: Stops, action: ExecuteBash, inputs: {commands: ['[ -e once ] || { touch once; exit 194; }']}}"
    )
    options = ["-s", "state", "--reboot", "exit", "-i", "run-1"]
    environment = {"TOE_NO_REBOOT": ""}
    assert toe("run", "a.yml", "--mask", "HELD", *options, HELD="abcdef", **environment).returncode == 194
    done = toe("resume", "run-1", "-s", "state", **environment)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        (["run", "a.yml", "--phases", "build;test"], "build,test"),
        (["run", "a.yml", "--blocked-action-modules", "Reboot UpdateOS"], "Reboot,UpdateOS"),
        (["run", "a.yml", "--mask", "Token;HOME"], "Token,HOME"),
        (["validate", "a.yml", "--os-platforms", "linux; windows"], "linux,windows"),
    ],
)
def test_names_with_other_marks_between_them_are_shown_with_commas(arguments: list[str], written: str) -> None:
    write("a.yml")
    done = toe(*arguments)
    assert done.returncode == 2
    assert f"put commas between the names: {written}" in done.stderr
