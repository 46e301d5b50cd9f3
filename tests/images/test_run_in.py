"""`toe run --in`: documents in a throw-away container with busybox alone, told as a run that is here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from engine_fixtures import containers
from run_in import argv, direct_children_of, log, nothing_is_left, on_terminal, run, say, summary, write

import toe


def test_a_run_is_told_and_logged_as_one_that_is_here(static_image: str) -> None:
    hello = say("Hello", "echo hello in $PWD from $HOME; touch /made here")
    file = {"name": "File", "action": "CreateFile", "inputs": [{"path": "/tmp/x", "content": "x"}]}
    document = write("component.yml", hello, file)
    done = run(static_image, document, "--show-output", "--junit-xml", "report.xml", "--summary", "summary.json")
    assert done.returncode == 0, done.stderr
    told = summary(done)
    (folder,) = Path().glob("TOE_*")
    assert (told["status"], told["executedStepCount"]) == ("success", 2)
    assert told["logUrl"] == str(folder.absolute())
    assert f"| hello in {os.getcwd()} from /root" in done.stderr
    assert "ok  File (CreateFile)" in done.stderr
    assert "Stdout: hello in" in log()
    assert "Hello" in Path("report.xml").read_text()
    assert json.loads(Path("summary.json").read_text()) == told
    assert not Path("/made").exists()
    assert sorted(os.listdir()) == [folder.name, "component.yml", "report.xml", "summary.json"]
    assert {path.stat().st_uid for path in folder.iterdir()} == {os.getuid()}
    assert nothing_is_left()


def test_a_failure_is_told_with_its_step_and_no_shell_opens_without_a_terminal(static_image: str) -> None:
    done = run(static_image, write("component.yml", say("Fail", "echo no disk >&2; exit 7")), "--shell")
    assert done.returncode == 1
    assert "exit status 7" in done.stderr
    assert "no disk" in done.stderr
    assert "--shell opens none: there is no terminal" in done.stderr
    assert "Fail" in str(summary(done)["failureMessage"])
    assert nothing_is_left()


def test_a_reboot_starts_the_container_again_and_the_run_goes_on(static_image: str) -> None:
    steps = (
        say("Before", "echo x >> /before"),
        say("Ask", "[ -e /asked ] || { touch /asked; exit 194; }"),
        {"name": "Reboot", "action": "Reboot", "inputs": {"delaySeconds": 0}},
        say("After", "cat /before"),
    )
    done = run(static_image, write("component.yml", *steps), "--show-output", "--events", "events", TOE_NO_REBOOT="")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("the container is started again") == 2
    assert "      | x\n    ok  After" in done.stderr
    kinds = [json.loads(line)["event"] for line in Path("events").read_text().splitlines()]
    assert kinds == [json.loads(line)["event"] for line in log("events.jsonl").splitlines()]
    assert (kinds[0], kinds[-1], kinds.count("RunResumed")) == ("RunStarted", "RunFinished", 2)
    assert nothing_is_left()


def test_a_part_of_a_run_has_in_there_what_a_former_run_told_here(static_image: str) -> None:
    left_out = write("other.yml", say("Other", "exit 3"))
    find = say("Find", "echo nginx")
    document = write("component.yml", find, say("Use", "echo got {{ build.Find.outputs.stdout }}"))
    former = toe.run(document, log_directory="former").log_url
    done = run(static_image, left_out, document, "--only", "build.Use", "--outputs-of", former, "--show-output")
    assert done.returncode == 0, done.stderr
    assert "| got nginx" in done.stderr
    assert "success: 1 step, 2 left out" in done.stderr


def test_no_reboot_is_one_where_it_is_forbidden(static_image: str) -> None:
    done = run(static_image, write("component.yml", say("Ask", "exit 194")), "--reboot", "never")
    assert done.returncode == 1
    assert "reboots are forbidden here (--reboot never)" in done.stderr


def test_nested_documents_and_mounted_folders_are_found_by_the_names_that_they_have_here(static_image: str) -> None:
    write("parts/deep/below.yml", say("Below", "echo below; cat files/given; ! touch files/new"))
    nested = {"name": "Below", "action": "ExecuteDocument", "inputs": {"document": "deep/below.yml"}}
    write("parts/nested.yml", nested)
    Path("files").mkdir()
    Path("files/given").write_text("given here\n")
    top = {"name": "Nested", "action": "ExecuteDocument", "inputs": {"document": "parts/nested.yml"}}
    document = write("component.yml", top, say("There", "cat /there/given"))
    done = run(static_image, document, "--mount", "files", "--mount", "files:/there", "--show-output")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("| given here") == 2
    assert os.listdir("files") == ["given"]


def test_secrets_are_in_no_log_and_no_command_line(static_image: str) -> None:
    look = "echo token {{ token }}; echo region $MY_REGION; echo key $MY_KEY; echo other [$OTHER]"
    listed = "for f in /proc/[0-9]*/cmdline; do cat $f; done | grep -c s3cr3t-t0ken-value"
    parameters = [{"token": {"type": "string"}}]
    document = write("component.yml", say("Look", look), say("List", f"! {listed}"), parameters=parameters)
    given = {"MY_REGION": "eu-central-1", "MY_KEY": "s3cr3t-key-value", "OTHER": "not asked for"}
    config = {"documents": [{"path": document}], "parameters": [{"name": "token", "value": "s3cr3t-t0ken-value"}]}
    Path("config.json").write_text(json.dumps(config))
    options = ("--config", "config.json", "--mask", "token,MY_KEY", "--env", "MY_*", "--show-output")
    done = run(static_image, *options, **given)
    assert "| token ***" in done.stderr, done.stderr
    assert "| region eu-central-1" in done.stderr
    assert "| key ***" in done.stderr
    assert "| other []" in done.stderr
    for path in Path().glob("TOE_*/*"):
        assert b"s3cr3t" not in path.read_bytes()


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGTERM, "SIGTERM"), pytest.param(signal.SIGINT, "SIGINT", marks=pytest.mark.slow)]
)
def test_a_signal_stops_the_run_in_there(static_image: str, number: int, name: str) -> None:
    document = write("component.yml", say("Wait", "echo waiting; sleep 1000"))
    with subprocess.Popen(
        argv(static_image, document, "--show-output"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "| waiting" in line:
                break
        process.send_signal(number)
        out, error = process.communicate()
    assert process.returncode == 128 + number, error
    assert f"interrupted by {name}" in json.loads(out)["failureMessage"]
    assert "toe resume" not in error
    assert nothing_is_left()


def test_what_a_killed_toe_left_is_gone_after_the_next_command(static_image: str) -> None:
    document = write("component.yml", say("Wait", "echo waiting; sleep 1000"))
    with subprocess.Popen(argv(static_image, document, "--show-output"), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "| waiting" in line:
                break
        process.kill()
    assert len(containers()) == 1
    done = run(static_image, write("other.yml", say("Say", "echo done")))
    assert done.returncode == 0, done.stderr
    assert containers() == []
    assert not any(f"-{process.pid}-" in path.name for path in Path(os.environ["XDG_CACHE_HOME"], "toe/runs").iterdir())


def test_a_container_can_be_kept_and_entered(static_image: str) -> None:
    done = run(static_image, write("component.yml", say("Make", "echo made > /made; exit 1")), "--keep")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    (enter,) = [line.partition(": ")[2] for line in lines if "a shell in it: " in line]
    (remove,) = [line.partition(": ")[2] for line in lines if "remove it: " in line]
    entered = subprocess.run(
        enter.replace("--terminal ", ""), shell=True, input="cat /made\n", capture_output=True, text=True, check=False
    )
    assert entered.stdout == "made\n"
    subprocess.run(remove, shell=True, check=True, capture_output=True)
    assert nothing_is_left()


def test_under_chroot_nothing_of_a_run_lives_on(static_image: str) -> None:
    background = say("Background", "setsid sleep 98765 >/dev/null 2>&1 & echo started")
    done = run(static_image, write("component.yml", background), "--isolation", "chroot")
    assert done.returncode == 0, done.stderr
    found = subprocess.run(["pgrep", "-f", "sleep 98765"], capture_output=True, text=True, check=False)
    assert found.stdout == ""


def test_a_wrong_document_is_refused_before_anything_is_started(static_image: str) -> None:
    Path("component.yml").write_text("schemaVersion: 1.0\nphases:\n  - name: build\n    stepps: []\n")
    done = run(static_image, "component.yml")
    assert done.returncode == 2
    assert "component.yml:4:5" in done.stderr
    assert os.listdir() == ["component.yml"]


def test_what_contradicts_a_container_is_refused(static_image: str) -> None:
    document = write("component.yml", say("Say", "echo"))
    for words, message in (
        (["--state-directory", "x"], "--in and --state-directory exclude each other"),
        (["--reboot", "system"], "with --in a reboot starts the container again"),
        (["--mount", "nowhere"], "--mount: there is no folder 'nowhere'"),
        (["--env", "A=B"], "--env takes names alone"),
        (["--engine", "dokcer"], "unknown engine 'dokcer'"),
    ):
        done = run(static_image, document, *words)
        assert done.returncode == 2
        assert message in done.stderr
    assert os.listdir() == ["component.yml"]


def test_after_a_failure_a_shell_opens_in_the_container_where_there_is_a_terminal(static_image: str) -> None:
    document = write("component.yml", say("Fail", "echo made > /made; exit 1"))
    out, terminal, screen = on_terminal(argv(static_image, document, "--shell"), ["cat /made", "exit"], b"/ # ")
    assert terminal == 1, screen
    assert "toe: a shell in the container" in screen
    assert "made" in screen.partition("cat /made")[2]
    assert json.loads(out)["status"] == "failed"
    assert nothing_is_left()


@pytest.mark.slow
def test_two_runs_at_once_do_not_see_each_other(static_image: str) -> None:
    waits = say("Wait", "touch mine; [ $(ls | grep -c mine) = 1 ]; echo ready; sleep 0.2; ls")
    documents = [write(f"{name}/component.yml", waits) for name in ("one", "two")]
    both = [
        subprocess.Popen(argv(static_image, document), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for document in documents
    ]
    told = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert nothing_is_left()


@pytest.mark.slow
def test_where_the_engine_is_killed_the_run_is_cut_off_and_nothing_is_left(static_image: str) -> None:
    document = write("component.yml", say("Wait", "echo waiting; sleep 1000"))
    with subprocess.Popen(
        argv(static_image, document, "--show-output"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "| waiting" in line:
                break
        (engine,) = direct_children_of(process.pid)
        os.kill(engine, signal.SIGKILL)
        out, error = process.communicate()
    assert process.returncode == 1, error
    assert "the run was cut off: its container ended" in json.loads(out)["failureMessage"]
    assert nothing_is_left()


def test_where_no_runtime_starts_chroot_takes_its_place_with_a_warning(static_image: str) -> None:
    Path("containers.conf").write_text('[engine]\nruntime = "/bin/false"\ncgroup_manager = "cgroupfs"\n')
    document = write("component.yml", say("Say", "echo said"))
    done = run(static_image, document, "--show-output", CONTAINERS_CONF=os.path.abspath("containers.conf"))
    assert done.returncode == 0, done.stderr
    assert "toe: warning: no process starts in a container of its own here" in done.stderr
    assert "| said" in done.stderr
    done = run(static_image, document, "--isolation", "oci", CONTAINERS_CONF=os.path.abspath("containers.conf"))
    assert done.returncode == 2
    assert "toe did not start in the container" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--keep"], "--keep belongs to --in"),
        (["--engine", "buildah"], "--engine belongs to --in"),
        (["--in", "any", "--dry-run"], "--dry-run and --in exclude each other"),
    ],
)
def test_options_of_containers_need_one(words: list[str], message: str) -> None:
    command = [sys.executable, "-m", "toe", "run", write("component.yml", say("Say", "echo")), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert message in done.stderr
