"""Wrong use: one message with a way out, the exit code of the table, no traceback, and nothing runs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from forked_toe import toe_says

DOCUMENT = """schemaVersion: 1.0
phases:
  - {name: build, steps: [{name: One, action: ExecuteBash, inputs: {commands: [echo build >> ran]}}]}
  - {name: test, steps: [{name: One, action: ExecuteBash, inputs: {commands: [echo test >> ran]}}]}
  - {name: last, steps: [{name: One, action: ExecuteBash, inputs: {commands: [echo last >> ran]}}]}
"""


def toe(*arguments: str) -> subprocess.CompletedProcess[str]:
    Path("a.yml").write_text(DOCUMENT)
    return toe_says(*arguments)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nonsense", "no such command 'nonsense'\n  see 'toe --help'"),
        ("runn a.yml", "no such command 'runn' (did you mean 'run'?)"),
        ("-x", "no such option '-x'\n  see 'toe --help'"),
        ("run --phase build a.yml", "no such option '--phase' (did you mean '--phases'?)\n  see 'toe run --help'"),
        ("run --par A=1 a.yml", "no such option '--par' (did you mean '--parameters'?)"),
        ("run --paramters A=1 a.yml", "(did you mean '--parameters'?)"),
        (
            "run --log-s3 x a.yml",
            "(did you mean '--log-s3-bucket-name' or '--log-s3-bucket-owner' or '--log-s3-key-prefix'?)",
        ),
        ("run --zzz a.yml", "no such option '--zzz'\n"),
        ("run a.yml --config", "option '--config' requires an argument\n  see 'toe run --help'"),
        ("run a.yml --trace=1", "option '--trace' does not take a value\n  see 'toe run --help'"),
        ("validate -c c.json", "no such option '-c'\n  see 'toe validate --help'"),
        ("resume --phases build", "no such option '--phases'"),
        ("run a.yml --hosts=", "option '--hosts' is empty\n  see 'toe run --help'"),
        ("run a.yml --hosts h1, --limit=", "option '--limit' is empty"),
        ("run a.yml --in=", "option '--in' is empty"),
        ("run a.yml --html=", "option '--html' is empty"),
        ("run a.yml --outputs-of=", "option '--outputs-of' is empty"),
        ("resume --summary=", "option '--summary' is empty"),
    ],
)
def test_a_word_that_is_not_known_gets_one_that_is(words: str, said: str) -> None:
    done = toe(*words.split())
    assert done.returncode == 2
    assert done.stderr.startswith("toe: error: ")
    assert said in done.stderr
    assert not Path("ran").exists()
    assert words.startswith("run ") == bool(done.stdout)


def test_toe_alone_shows_what_there_is() -> None:
    done = toe()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: toe [OPTIONS] COMMAND")
    assert done.stdout == toe("--help").stdout


def test_awstoe_is_the_same_command() -> None:
    project = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text()
    scripts = project.split("[project.scripts]\n")[1].split("\n\n")[0]
    entries = dict(re.findall(r'^(\w+) = "(.*)"$', scripts, re.M))
    assert entries["awstoe"] == entries["toe"]


def test_toe_alone_gives_a_shell_its_completion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TOE_COMPLETE", "bash_source")
    done = toe()
    assert (done.returncode, done.stderr) == (0, "")
    assert "_toe_completion" in done.stdout


@pytest.mark.parametrize("command", ["run", "validate"])
@pytest.mark.parametrize("path", ["", " "])
def test_a_document_without_a_name_is_explained(command: str, path: str) -> None:
    done = toe(command, path)
    assert done.returncode == 2
    assert "cannot read the document: its name is empty" in done.stderr
    assert "is a variable of the shell not set?" in done.stderr


def test_a_config_file_without_a_name_is_explained() -> None:
    assert "cannot read the config file: its name is empty" in toe("run", "--config", "").stderr


@pytest.mark.parametrize("arguments", [["run", "{}"], ["run", "a.yml", "--reboot", "{}"], ["explain", "{}"], ["{}"]])
def test_a_message_stays_one_line_whatever_is_quoted_in_it(arguments: list[str]) -> None:
    hostile = "x\n::error::y\x1b[2J\u202e\x9b"
    done = toe(*(word.format(hostile) for word in arguments))
    assert done.returncode == 2
    assert "x?::error::y?[2J??" in done.stderr
    assert not any(line.startswith("::") for line in done.stderr.splitlines())


def test_validate_has_the_way_out_of_an_unreadable_document() -> None:
    done = toe("validate", "s3://bucket")
    assert done.returncode == 2
    assert "s3://bucket: error: this is no address of a document (write s3://bucket/key)" in done.stderr


def test_validates_json_has_the_message_when_no_document_was_checked() -> None:
    whole = json.loads(toe("validate", "a.yml", "--os-platforms", "y").stdout)
    assert whole == {"validationStatus": "failed", "message": "unknown platform 'y'", "problems": []}


@pytest.mark.parametrize("argument", [".", "*", "**", "*.yml"])
def test_a_pipe_that_is_found_is_not_waited_for(argument: str) -> None:
    os.mkfifo("fifo.yml")
    done = toe("validate", "--no-lint", argument)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["message"] == "Document(s) [a.yml] is/are valid."


@pytest.mark.parametrize(
    "words", ["-p build -p last", "--phases build,last", "-p build --phases=last", "-p last -p build"]
)
def test_phases_may_be_named_one_by_one(words: str) -> None:
    assert toe("run", "a.yml", *words.split()).returncode == 0
    assert Path("ran").read_text() == "build\nlast\n"


def test_phases_of_the_command_line_win_over_the_config_file() -> None:
    Path("c.json").write_text(json.dumps({"documents": [{"path": "a.yml"}], "phases": "build,test"}))
    assert toe("run", "-c", "c.json", "-p", "last").returncode == 0
    assert toe("run", "-c", "c.json").returncode == 0
    assert Path("ran").read_text() == "last\nbuild\ntest\n"
    assert "--phases names no phase" in toe("run", "-c", "c.json", "-p", ",").stderr


@pytest.mark.parametrize("module", ["toe.cli.main", "toe.cli.options", "toe.cli.terminal", "toe.cli.validate"])
def test_an_interrupt_while_all_is_being_imported_is_no_traceback(module: str) -> None:
    Path("a.yml").write_text(DOCUMENT)
    code = f"""
import os, runpy, signal, sys
class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupts())
sys.argv = ["toe", "validate", "a.yml"]
runpy.run_module("toe", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
