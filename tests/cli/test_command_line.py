"""The command `toe` as people and machines call it: real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from forked_toe import toe_says

TOE = [sys.executable, "-m", "toe"]
HELLO = (
    "schemaVersion: 1.0\nphases: [{name: build, steps: [{name: One, action: ExecuteBash, inputs: {commands: [%s]}}]}]\n"
)


def toe(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TOE, *arguments], capture_output=True, text=True, check=False, timeout=60, **options)  # type: ignore[call-overload, no-any-return]


def write(name: str, commands: str = "echo hi") -> str:
    Path(name).write_text(HELLO % commands)
    return name


def test_run_prints_the_summary_alone_with_its_keys_in_order() -> None:
    done = toe("run", write("a.yml"))
    summary = json.loads(done.stdout)
    assert list(summary) == [
        "executionId",
        "status",
        "failedStepCount",
        "executedStepCount",
        "ignoredFailedStepCount",
        "skippedStepCount",
        "failureMessage",
        "logUrl",
    ]
    assert done.stdout.startswith('{\n    "executionId": "')
    assert os.path.isabs(summary["logUrl"])


def test_a_failed_run_names_every_failed_step_and_ends_with_its_counts() -> None:
    steps = "".join(
        f"{{name: {name}, action: ExecuteBash, onFailure: Continue, inputs: {{commands: ['{script}']}}}},"
        for name, script in (("Talks", "echo no disk; exit 3"), ("Fine", ":"), ("Mute", "exit 4"))
    )
    Path("a.yml").write_text(f"schemaVersion: 1.0\nphases: [{{name: build, steps: [{steps}]}}]\n")
    for extra in ([], ["--quiet"]):
        *block, last = toe("run", "a.yml", *extra).stderr.splitlines()
        assert block[block.index("Step Talks FAILED") :][-3:-1] == ["  Stdout:", "    no disk"]
        assert block[-1].startswith("Also FAILED: step Mute of phase build at a.yml:2:")
        assert re.fullmatch(r"failed: 3 steps, 2 failed in \d\.\d\d s; logs: /.*/TOE_\S+", last)


def test_show_output_shows_what_the_steps_print_as_it_comes() -> None:
    os.mkfifo("seen")
    script = r"printf '\033[31mred\033[0m %s\n' $PASSWORD_X; read x < seen; echo end >&2"
    Path("a.yml").write_text(HELLO % f'"{script}"'.replace("\\", "\\\\"))
    command = [*TOE, "run", "a.yml", "--show-output", "--mask", "PASSWORD_X"]
    environment = {**os.environ, "PASSWORD_X": "s3cret-word"}
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
    ) as run:
        assert run.stderr is not None
        lines = [next(run.stderr) for _ in range(3)]
        Path("seen").write_text("x\n")
        lines += run.stderr
    assert [line for line in lines if "|" in line] == ["      | red ***\n", "      | end\n"]
    assert lines[-1].startswith("success: 1 step in ")
    assert "|" not in toe("run", write("b.yml")).stderr


def test_run_mixes_comma_lists_and_paths() -> None:
    for name in "abc":
        write(f"{name}.yml", f"echo {name} >> out")
    assert toe("run", "-d", "a.yml,b.yml", "c.yml").returncode == 0
    assert Path("out").read_text() == "a\nb\nc\n"


def test_run_takes_values_with_commas_and_equal_signs() -> None:
    Path("a.yml").write_text(
        "schemaVersion: 1.0\nparameters: [{Hosts: {type: stringList}}, {Query: {type: string}}]\n"
        "phases: [{name: build, steps: [{name: One, action: ExecuteBash, "
        "inputs: {commands: ['echo {{ Hosts }} {{ Query }}']}}]}]\n"
    )
    done = toe("run", "a.yml", "--parameters", "Hosts=h1,h2,Query=a=b", "-l", "logs")
    assert done.returncode == 0
    (log,) = Path("logs").glob("TOE_*/console.log")
    assert "Stdout: h1,h2 a=b\n" in log.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run"], "no documents"),
        (["run", "a.yml", "--parameters", "novalue"], "'novalue' is no parameter"),
        (["run", "a.yml", "--parameters", "Aa=1,Aa=2"], "given twice"),
        (["run", "a.yml", "--phases", ","], "--phases names no phase"),
        (["run", "a.yml", "--no-such"], "--no-such"),
        (["run", "s3://bucket/key.yml"], "s3://bucket/key.yml: "),
        (["run", "arn:aws:imagebuilder:eu-west-1:1:component/x/1.0.0"], "this is no address of a document"),
        (["run", "http://127.0.0.1/a.yml"], "over https only"),
        (["run", "a.yml", "-l", "a.yml"], "cannot create the log folder"),
        (["run", "a.yml", "-l", "a.yml/x"], "a.yml' is no folder)"),
        (["run", "a.yml", "-l", "/proc/x"], ": No such file or directory\n"),
        (["run", "a.yml/x.yml"], "a.yml' is no folder)"),
        (["run", "none/x.yml"], "there is no folder '"),
        (["run", "-c", "none/x.json"], "there is no folder '"),
        (["run", "."], "a folder"),
    ],
)
def test_wrong_usage_ends_with_2_a_message_and_a_summary(arguments: Sequence[str], said: str) -> None:
    write("a.yml", "touch ran")
    done = toe_says(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    summary = json.loads(done.stdout)
    assert (summary["status"], summary["executedStepCount"]) == ("failed", 0)
    assert not Path("ran").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "config.json:1:2: no valid JSON"),
        ("[]", "a JSON object"),
        ("{}", "'documents' is missing"),
        ('{"documents": [{"path": "a.yml"}], "phase": "build"}', "did you mean 'phases'?"),
        ('{"documents": {"path": "a.yml"}}', "'documents' is no list"),
        ('{"documents": [{"path": "a.yml", "parameters": {"A": 1}}]}', "'parameters' is no list"),
        ('{"documents": [{"path": "a.yml"}], "trace": "perhaps"}', "'trace' is true or false"),
    ],
)
def test_a_wrong_config_file_is_explained(text: str, said: str) -> None:
    write("a.yml")
    Path("config.json").write_text(text)
    done = toe_says("run", "--config", "config.json")
    assert done.returncode == 2
    assert said in done.stderr


def test_null_in_a_config_file_is_the_key_left_out() -> None:
    write("a.yml")
    nothing = dict.fromkeys(["parameters", "phases", "executionId", "logDirectory", "trace", "logS3BucketName"])
    Path("config.json").write_text(json.dumps({"documents": [{"path": "a.yml", "parameters": None}], **nothing}))
    assert toe("run", "-c", "config.json").returncode == 0


def test_the_command_line_wins_over_the_config_file() -> None:
    write("a.yml")
    options = {"executonId": "from-file", "logDirectory": "file-logs", "trace": True}
    Path("config.json").write_text(json.dumps({"documents": [{"path": "a.yml"}], **options}))
    done = toe("run", "-c", "config.json", "-l", "line-logs")
    assert json.loads(done.stdout)["executionId"] == "from-file"
    assert Path("line-logs").is_dir()
    assert not Path("file-logs").exists()
    assert "Debug Executor: STARTED EXECUTION OF ALL DOCUMENTS" in done.stderr


def test_a_failure_ends_with_a_block_that_names_the_place() -> None:
    done = toe("run", write("a.yml", "seq 1 30 >&2; exit 7"))
    assert done.returncode == 1
    for said in ("a.yml", "build", "One", "a.yml:2:", "ExecuteBash", "7", "TOE_"):
        assert said in done.stderr
    shown = re.findall(r"^ *(\d+)$", done.stderr, re.M)
    assert shown == [str(number) for number in range(11, 31)]


def test_quiet_says_nothing_about_a_success() -> None:
    assert toe("run", "--quiet", write("a.yml")).stderr == ""


def test_a_parameter_that_nobody_declares_is_a_warning() -> None:
    done = toe("run", write("a.yml"), "--parameters", "Nobody=1")
    assert done.returncode == 0
    assert "no document declares the parameter 'Nobody'" in done.stderr


def test_version_is_printed() -> None:
    assert re.fullmatch(r"toe \d+\.\d+\.\d+\n", toe("--version").stdout)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_children_and_writes_everything(number: signal.Signals) -> None:
    write("a.yml", "echo $$ > pid, echo up, exec sleep 600")
    arguments = [*TOE, "run", "--trace", "a.yml"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stderr:
            if "Stdout: up" in line:
                break
        process.send_signal(number)
        out, err = process.stdout.read(), process.stderr.read()
    assert process.returncode == 128 + number
    assert "Traceback" not in err
    assert json.loads(out)["status"] == "failed"
    assert f"interrupted by {number.name}" in json.loads(out)["failureMessage"]
    (folder,) = Path().glob("TOE_*")
    report = json.loads((folder / "detailedoutput.json").read_text())
    assert report["documents"][0]["phases"][0]["steps"][0]["status"] == "failed"
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("pid").read_text()), 0)


def test_sighup_stays_ignored_under_nohup() -> None:
    write("a.yml", "kill -HUP $PPID, echo survived")
    done = subprocess.run(
        ["bash", "-c", 'trap "" HUP; exec "$@"', "-", *TOE, "run", "a.yml"], capture_output=True, check=False
    )
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("redirection", "codes"),
    [
        (">&-", {1}),
        ("2>&-", {0}),
        ("<&-", {0}),
        ("2>&- <&-", {0}),
        (">&- 2>&- <&-", {1}),
        ("> /dev/full", {1}),
        ("2> /dev/full", {0}),
    ],
)
def test_closed_and_full_streams_are_no_reason_for_a_traceback(redirection: str, codes: set[int]) -> None:
    write("a.yml", "echo to stdout, echo to stderr >&2")
    done = subprocess.run(
        ["bash", "-c", f'"$@" {redirection}', "-", *TOE, "run", "a.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode in codes
    assert "Traceback" not in done.stdout + done.stderr
    (log,) = Path().glob("TOE_*/console.log")
    assert "Stdout: to stdout\n" in log.read_text()


@pytest.mark.parametrize("redirection", [">&-", "> /dev/full", ">&- 3> kept"])
@pytest.mark.parametrize(
    "arguments",
    [["run", "a.yml"], ["validate", "a.yml"], ["explain"], ["actions"], ["schema"], ["new", "web"]],
    ids=lambda arguments: arguments[0],
)
def test_what_nobody_gets_is_no_success(arguments: list[str], redirection: str) -> None:
    write("a.yml")
    command = ["bash", "-c", f'"$@" {redirection}', "-", *TOE, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert re.search(r"^toe: error: cannot write .*stdout$", done.stderr, re.M)
    assert not Path("kept").exists() or Path("kept").read_text() == ""


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["run", "--help"]])
def test_help_that_cannot_be_written_is_no_traceback(arguments: list[str]) -> None:
    command = ["bash", "-c", '"$@" > /dev/full', "-", *TOE, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (1, "toe: error: cannot write to stdout: No space left on device\n")
    done = subprocess.run(
        ["bash", "-c", '"$@" >&-', "-", *TOE, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "toe: error: cannot write to stdout\n")


def test_a_folder_is_refused_with_the_documents_in_it() -> None:
    Path("folder").mkdir()
    assert "there is none" in toe("run", "folder").stderr
    write("folder/b.yml")
    write("folder/a.yaml")
    Path("folder/compose.yml").write_text("services: {}\n")
    done = toe("run", "folder")
    assert done.returncode == 2
    assert "folder: cannot read the document: it is a folder" in done.stderr
    assert "name the documents to run, in their order: folder/a.yaml, folder/b.yml\n" in done.stderr


@pytest.mark.parametrize(
    "environment",
    [{}, {"PATH": ""}, {"LANG": "C", "LC_ALL": "C"}, {"PATH": os.environ["PATH"], "LC_ALL": "POSIX"}],
    ids=["empty", "no PATH", "LANG=C", "POSIX"],
)
def test_odd_environments_are_no_reason_for_a_traceback(environment: dict[str, str]) -> None:
    write("a.yml", "echo grüße")
    done = subprocess.run([*TOE, "run", "a.yml"], capture_output=True, check=False, env=environment)
    assert done.returncode in (0, 1)
    assert b"Traceback" not in done.stdout + done.stderr
    assert json.loads(done.stdout)["executedStepCount"] == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_working_directory_is_named(tmp_path: Path) -> None:
    write("a.yml")
    tmp_path.chmod(0o500)
    done = toe("run", "a.yml")
    tmp_path.chmod(0o700)
    assert done.returncode == 2
    assert "cannot create the log folder" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a working directory cannot be removed there")
@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (["run", "{0}/a.yml"], {2}),
        (["run", "a.yml"], {2}),
        (["run", "{0}/a.yml", "-l", "{0}/logs", "-s", "{0}/state"], {2}),
        (["run", "{0}/a.yml", "-l", "logs", "-s", "state"], {2}),
        (["resume", "x", "-s", "state"], {2}),
        (["abandon", "x", "-s", "state"], {2}),
        (["status", "-s", "state"], {2}),
        (["validate", "{0}/a.yml"], {0}),
        (["validate", "a.yml"], {2}),
    ],
)
def test_a_removed_working_directory_is_named(tmp_path: Path, arguments: Sequence[str], codes: set[int]) -> None:
    write("a.yml")
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    command = ["sh", "-c", script, "sh", *TOE, *(argument.format(tmp_path) for argument in arguments)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert done.returncode in codes, done.stderr
    assert "Traceback" not in done.stderr
    if arguments[0] != "validate":
        assert "toe: error: the working directory does not exist any more" in done.stderr
    if arguments[0] in ("run", "resume"):
        assert json.loads(done.stdout)["status"] == "failed"


@pytest.mark.parametrize("limit", [*range(6, 19), 30])
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_few_open_files_are_no_reason_for_a_traceback(limit: int) -> None:
    """Below 6 the interpreter itself may fail, before it comes to `toe`."""
    write("a.yml")
    command = ["sh", "-c", f'ulimit -n {limit} && exec "$@"', "sh", *TOE, "run", "a.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr
    summary = json.loads(done.stdout)
    if limit < 19:
        assert done.returncode == 2, done.stderr
        assert "toe: error: too many open files" in done.stderr
        assert "ulimit -n" in done.stderr
        assert "too many open files" in summary["failureMessage"]
    else:
        assert (done.returncode, summary["executedStepCount"]) == (0, 1)


def test_log_files_belong_to_their_owner_alone() -> None:
    toe("run", write("a.yml"))
    (folder,) = Path().glob("TOE_*")
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert set(modes.values()) == {0o600}
    assert set(modes) == {
        "D0__a.yml",
        "application.log",
        "chaining.json",
        "console.log",
        "detailedoutput.json",
        "document.yaml",
        "events.jsonl",
    }


def test_a_good_run_imports_nothing_heavy() -> None:
    write("a.yml")
    code = (
        "import sys, atexit\n"
        "from toe.cli.main import command_line\n"
        "code = command_line(['run', 'a.yml'])\n"
        "heavy = {'jsonschema', 'rich', 'boto3', 're2', 'dataclasses_json', 'importlib.metadata', 'subprocess',\n"
        "         'hashlib', 'ctypes', 'jinja2', 'toe.report', 'toe.cli.report',\n"
        "         'typing' if sys.version_info < (3, 14) else ''}\n"
        "print(code, sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "0 []"


def test_validate_says_what_awstoe_says() -> None:
    done = toe("validate", write("a.yml"))
    report = json.loads(done.stdout)
    assert report["validationStatus"] == "success"
    assert report["message"] == "Document(s) [a.yml] is/are valid."
    assert toe("validate").returncode == 2
    assert toe("validate", "nowhere.yml").returncode == 2
    assert toe("validate", "a.yml", "--os-platforms", "beos").returncode == 2


def test_explain_actions_and_schema_print_what_is_known() -> None:
    assert "TOE204" in toe("explain", "toe204").stdout
    assert toe("explain", "TOE999").returncode == 2
    listed = [line.split()[0] for line in toe("actions").stdout.splitlines()]
    assert listed[:2] == ["Assert", "ExecuteBash"]
    assert len(listed) == 30
    assert "path (text, required)" in toe("actions", "CreateFolder").stdout
    assert "did you mean 'CreateFile'?" in toe("actions", "CreatFile").stderr
    committed = Path(__file__).parents[2] / "schemas" / "component.schema.json"
    assert toe("schema").stdout == committed.read_text()
