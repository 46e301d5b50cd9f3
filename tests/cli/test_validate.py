"""`toe validate` as people and machines call it: real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from forked_toe import toe_says

TOE = [sys.executable, "-m", "toe", "validate"]
GOOD = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: One
        action: CreateFile
        inputs:
          - path: /tmp/a
"""
BAD = GOOD.replace("CreateFile", "CreatFile")
UNWISE = GOOD + "            permissions: '0777'\n"


def validate(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return toe_says("validate", *arguments, stdin=stdin)


def write(name: str, text: str = GOOD) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return name


def test_validate_prints_problems_for_people_and_for_machines() -> None:
    done = validate(write("bad.yml", BAD), write("good.yml"))
    assert done.returncode == 1
    assert "bad.yml:6:17: error[TOE204]: unknown action 'CreatFile' (did you mean 'CreateFile'?)" in done.stderr
    report = json.loads(done.stdout)
    assert list(report) == ["validationStatus", "message", "problems"]
    assert report["validationStatus"] == "failed"
    assert report["problems"][0]["line"] == 6


def test_validate_says_nothing_on_stderr_of_a_good_document() -> None:
    done = validate(write("good.yml"))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["problems"] == []


def test_validate_walks_folders_and_leaves_out_other_yaml() -> None:
    write("tree/a.yml")
    write("tree/deep/b.YAML", BAD)
    write("tree/.hidden/c.yml", BAD)
    write("tree/compose.yml", "services: {}\n")
    write("tree/buildspec.yml", "version: 0.2\nphases:\n  build:\n    commands: [make]\n")
    write("tree/ssm.yml", "schemaVersion: '2.2'\nmainSteps: []\n")
    write("tree/broken.yml", "schemaVersion: 1.0\nphases: [\n")
    done = validate("tree")
    assert done.returncode == 1
    left_out = "left out\n  tree/buildspec.yml\n  tree/compose.yml\n  tree/ssm.yml\n"
    assert f"3 YAML files are no component document: {left_out}" in done.stderr
    files = {problem["file"] for problem in json.loads(done.stdout)["problems"]}
    assert files == {"tree/broken.yml", "tree/deep/b.YAML"}


def test_validate_names_ten_files_that_it_leaves_out() -> None:
    write("tree/a.yml")
    write("tree/b\x1b[2J.yml", "a: b\n")
    assert "1 YAML file is no component document: left out\n  tree/b?[2J.yml\n" in validate("tree").stderr
    for number in range(10, 22):
        write(f"tree/c{number}.yml", "- a\n")
    assert "  tree/c18.yml\n  and 3 more\n" in validate("tree").stderr


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n  \n",
        "Phases:\n  - name: build\n",
        "schemaversion: 1.0\nname: x\n",
        '{"SchemaVersion": 1.0}',
        "phase:\n  - steps:\n      - {name: One, action: ExecuteBash}\n",
        "schema_version: 1.0\nphaes:\n  - steps:\n      - name: One\n        action: ExecuteBash\n",
    ],
)
def test_validate_takes_a_near_miss_in_a_folder_for_a_component(text: str) -> None:
    write("tree/good.yml")
    write("tree/near.yml", text)
    done = validate("tree")
    assert done.returncode == 1
    assert "tree/near.yml:1:" in done.stderr
    assert "left out" not in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "---\n# defaults of a role\n",
        "schema_version: 2\nname: other\n",
        "phase: alpha\n",
        "SchemaVersion: '2.2'\nmainSteps:\n  - action: aws:runShellScript\n",
        "schemaVersion: 1.0\nname: workflow\nsteps:\n  - name: Launch\n    action: LaunchInstance\n",
        "version: 0.2\nPhases:\n  build: {commands: [make]}\n",
    ],
)
def test_validate_leaves_out_what_others_use(text: str) -> None:
    write("tree/good.yml")
    write("tree/other.yml", text)
    done = validate("tree")
    assert done.returncode == 0
    assert "left out\n  tree/other.yml\n" in done.stderr


def test_validate_checks_a_named_file_whatever_it_looks_like() -> None:
    assert validate(write("compose.yml", "services: {}\n")).returncode == 1


def test_validate_refuses_a_folder_without_components() -> None:
    Path("empty").mkdir()
    done = validate("empty")
    assert done.returncode == 2
    assert "no component document in empty" in done.stderr
    assert json.loads(done.stdout)["validationStatus"] == "failed"


def test_validate_takes_patterns() -> None:
    write("a/x/one.yml")
    write("a/two.yml")
    done = validate("a/**/*.yml")
    assert json.loads(done.stdout)["message"] == "Document(s) [a/two.yml, a/x/one.yml] is/are valid."
    assert validate("a/*.json").returncode == 2


def test_validate_checks_each_document_once() -> None:
    write("tree/a.yml")
    done = validate("tree/a.yml", "tree", "-d", "tree/a.yml")
    assert json.loads(done.stdout)["message"] == "Document(s) [tree/a.yml] is/are valid."


def test_validate_reads_standard_input() -> None:
    done = validate("-", "--stdin-filename", "component.yml", stdin=BAD)
    assert "component.yml:6:17: error[TOE204]" in done.stderr
    assert "<stdin>:6:17" in validate("-", stdin=BAD).stderr


def test_validate_goes_on_after_an_unreadable_document() -> None:
    done = validate("nowhere.yml", write("bad.yml", BAD))
    assert done.returncode == 2
    assert "bad.yml:6:17" in done.stderr
    assert "nowhere.yml: error: cannot read the document: No such file or directory" in done.stderr
    assert json.loads(done.stdout)["unreadable"][0]["file"] == "nowhere.yml"


def test_validate_fails_for_a_warning_when_strict() -> None:
    write("unwise.yml", UNWISE)
    assert validate("unwise.yml").returncode == 0
    assert validate("unwise.yml", "--strict").returncode == 1
    assert validate("unwise.yml", "--strict", "--no-lint").returncode == 0


@pytest.mark.parametrize("form", ["json", "text", "sarif", "github", "junit"])
def test_validate_writes_each_format_to_stdout_or_a_file(form: str) -> None:
    write("bad.yml", BAD)
    shown = validate("bad.yml", "--format", form)
    written = validate("bad.yml", "--format", form, "--output", "report")
    assert shown.returncode == written.returncode == 1
    assert Path("report").read_text() == shown.stdout
    assert "TOE204" in shown.stdout
    assert json.loads(written.stdout)["validationStatus"] == "failed"


def test_validate_says_where_a_report_cannot_be_written() -> None:
    done = validate(write("good.yml"), "--output", "no/such/folder")
    assert done.returncode == 2
    assert "cannot write 'no/such/folder': No such file or directory" in done.stderr


@pytest.mark.parametrize("option", [["--format", "xml"], ["--profile", "ssm"], ["--os-platforms", "beos"]])
def test_validate_refuses_an_unknown_word_and_lists_the_known_ones(option: list[str]) -> None:
    done = validate(write("good.yml"), *option)
    assert done.returncode == 2
    assert f"'{option[1]}'" in done.stderr
    assert "Traceback" not in done.stderr


def test_validate_in_processes_finds_what_one_process_finds(tmp_path: Path) -> None:
    names = [write(f"many/{number:03}.yml", (BAD if number % 3 else GOOD) + "#" * 5000 + "\n") for number in range(100)]
    many = validate("many")
    alone = [problem for name in names[:6] for problem in json.loads(validate(name).stdout)["problems"]]
    found = json.loads(many.stdout)["problems"]
    assert found[: len(alone)] == alone
    assert many.returncode == 1


def test_validate_dies_of_an_interrupt_without_a_traceback() -> None:
    process = subprocess.Popen([*TOE, "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdin is not None
    # More than a pipe holds: when this returns, it reads, so its handlers are in place.
    process.stdin.write("#" * 200_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert said == ""


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core has no work for other processes")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_validate_leaves_no_process_behind_however_it_ends(number: signal.Signals) -> None:
    write("big.yml", GOOD + "#" * 400_000 + "\n")
    os.mkfifo("waits.yml")
    process = subprocess.Popen([*TOE, "big.yml", "waits.yml"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    writer = writing_end("waits.yml", process)  # from here on a process reads it
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert children
    process.send_signal(number)
    process.wait()
    try:
        while any(map(lives, children)):
            assert process.returncode == -number
    finally:
        os.close(writer)


def lives(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def writing_end(fifo: str, process: subprocess.Popen[bytes]) -> int:
    """The writing end of a FIFO, when somebody waits for it."""
    while True:
        assert process.poll() is None
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            continue
