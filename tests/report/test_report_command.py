"""`toe report`, and `toe run` with reports: real processes, their files and exit codes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from forked_toe import toe_says
from sample_runs import TOE, one_step, resumed, stopped_run

REPOSITORY = Path(__file__).resolve().parents[2]
GOLDEN = REPOSITORY / "tests" / "sinks" / "golden_hello_world"


def toe(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    if not environment:
        return toe_says(*arguments)
    command = [*TOE, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **environment}
    )


def written(name: str, script: str) -> str:
    Path(name).write_text(one_step(script))
    return name


def counts(path: str) -> tuple[str | None, str | None, str | None]:
    root = ElementTree.parse(path).getroot()
    return root.get("tests"), root.get("failures"), root.get("errors")


def test_report_writes_both_files_of_a_folder_that_awstoe_wrote() -> None:
    done = toe("report", str(GOLDEN), "--html", "new/page.html", "--junit-xml", "junit.xml")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "<h1>Succeeded</h1>" in Path("new/page.html").read_text()
    assert counts("junit.xml") == ("3", "0", "0")


def test_report_of_a_failed_run_is_a_success_of_its_own() -> None:
    toe("run", written("a.yml", "exit 3"))
    (folder,) = Path().glob("TOE_*")
    done = toe("report", str(folder), "--junit-xml", "junit.xml")
    assert done.returncode == 0
    assert counts("junit.xml") == ("1", "1", "0")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "toe: error: 'toe report' takes one log folder\n"),
        ((str(GOLDEN),), "toe: error: there is nothing to write\n  give --html FILE or --junit-xml FILE\n"),
        (("gone", "--html", "x.html"), "toe: error: cannot read the log folder 'gone': No such file or directory\n"),
        ((".", "--html", "x.html"), "toe: error: '.' is no log folder: it has no detailedoutput.json\n"),
        ((str(GOLDEN), "--html", "."), "toe: error: cannot write '.': '.' is a folder, not a file\n"),
        ((str(GOLDEN), "--html", "file/x.html"), "toe: error: cannot write 'file/x.html': Not a directory ("),
    ],
)
def test_what_cannot_be_reported_is_one_message_and_exit_code_2(arguments: tuple[str, ...], told: str) -> None:
    Path("file").touch()
    done = toe("report", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(told)
    assert not Path("x.html").exists()


def test_without_the_library_junit_is_written_and_html_is_one_message() -> None:
    Path("without").mkdir()
    Path("without/jinja2.py").write_text("raise ImportError('not installed')\n")
    done = toe("report", str(GOLDEN), "--junit-xml", "junit.xml", PYTHONPATH="without")
    assert (done.returncode, counts("junit.xml")) == (0, ("3", "0", "0"))
    done = toe("report", str(GOLDEN), "--html", "page.html", PYTHONPATH="without")
    assert done.returncode == 2
    assert done.stderr == ("toe: error: a report in HTML needs toe[report]\n  pip install 'toe-executor[report]'\n")
    done = toe("run", written("a.yml", "touch ran"), "--html", "page.html", PYTHONPATH="without")
    assert (done.returncode, Path("ran").exists(), Path("page.html").exists()) == (2, False, False)
    assert json.loads(done.stdout)["failureMessage"] == "a report in HTML needs toe[report]"


def test_a_page_that_breaks_half_way_leaves_the_old_one() -> None:
    Path("page.html").write_text("old")
    code = (
        "import sys, toe.report.html as html\n"
        "html.visible = lambda text: 1 / 0\n"
        "from toe.cli.main import command_line\n"
        f"sys.exit(command_line(['report', {str(GOLDEN)!r}, '--html', 'page.html']))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 1
    assert (Path("page.html").read_text(), [path.name for path in Path().iterdir()]) == ("old", ["page.html"])


@pytest.mark.parametrize(("script", "code", "verdict"), [("echo hi", 0, "Succeeded"), ("exit 3", 1, "Failed")])
def test_run_writes_the_reports_after_it(script: str, code: int, verdict: str) -> None:
    done = toe("run", written("a.yml", script), "--quiet", "--html", "page.html", "--junit-xml", "junit.xml")
    assert done.returncode == code
    assert f"<h1>{verdict}</h1>" in Path("page.html").read_text()
    assert counts("junit.xml") == ("1", str(code), "0")
    plain = toe("run", "a.yml", "--quiet", "-l", "others")
    ours, others = (next(Path(place).glob("TOE_*")) for place in (".", "others"))
    assert sorted(os.listdir(ours)) == sorted(os.listdir(others))
    assert json.loads(done.stdout)["status"] == json.loads(plain.stdout)["status"]


def test_the_page_of_a_part_of_a_run_says_that_steps_were_left_out() -> None:
    assert toe("run", written("a.yml", "echo hi"), "--quiet", "--html", "all.html").returncode == 0
    steps = "".join(f"  - {{name: {word}, action: ExecuteBash, inputs: {{commands: [exit 3]}}}}\n" for word in "XY")
    Path("b.yml").write_text(f"schemaVersion: 1.0\nphases:\n- name: build\n  steps:\n{steps}")
    assert toe("run", "b.yml", "--only", "build.Y", "--quiet", "--html", "part.html").returncode == 1
    assert ", 1 left out</dd>" in Path("part.html").read_text()
    assert "left out</dd>" not in Path("all.html").read_text()


def test_run_keeps_its_verdict_when_a_report_cannot_be_written() -> None:
    done = toe("run", written("a.yml", "echo hi"), "--quiet", "--junit-xml", "/proc/none/junit.xml")
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == "success"
    assert done.stderr.startswith("toe: error: cannot write '/proc/none/junit.xml': ")
    assert done.stderr.count("\n") == 1
    done = toe("run", written("b.yml", "exit 194"), "--reboot", "exit", "--html", ".", TOE_NO_REBOOT="")
    assert done.returncode == 194
    assert "toe: error: cannot write '.': '.' is a folder, not a file\n" in done.stderr


def test_a_fault_in_the_reports_does_not_touch_the_run() -> None:
    written("a.yml", "echo hi")
    code = (
        "import sys, toe.report.junit as junit\n"
        "junit.plain = lambda text: 1 / 0\n"
        "from toe.cli.main import command_line\n"
        "sys.exit(command_line(['run', 'a.yml', '--quiet', '--junit-xml', 'junit.xml']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["status"]) == (1, "success")
    assert done.stderr == "toe: error: there is no report: ZeroDivisionError: division by zero\n"
    assert not Path("junit.xml").exists()


def test_a_run_that_is_stopped_is_reported_and_again_when_it_has_gone_on() -> None:
    folder = stopped_run(signal.SIGTERM, "--junit-xml", "junit.xml", "--html", "page.html")
    assert "<h1>Stopped by SIGTERM</h1>" in Path("page.html").read_text()
    assert counts("junit.xml") != ("4", "0", "0")
    resumed()
    assert "<h1>Succeeded</h1>" in Path("page.html").read_text()
    assert counts("junit.xml") == ("5", "0", "0")
    assert Path(folder).is_dir()


def test_a_secret_is_in_no_report() -> None:
    document = json.loads(one_step("echo {{ Word }}; echo {{ Word }} >&2; exit 3"))
    document["parameters"] = [{"Word": {"type": "string"}}]
    Path("a.yml").write_text(json.dumps(document))
    done = toe(
        *("run", "a.yml", "--parameters", "Word=open-sesame", "--mask", "Word"),
        *("--html", "page.html", "--junit-xml", "junit.xml"),
    )
    assert done.returncode == 1
    for name in ("page.html", "junit.xml"):
        text = Path(name).read_text()
        assert "***" in text
        assert "open-sesame" not in text


@pytest.mark.slow
def test_the_template_is_in_the_wheel(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(REPOSITORY, source, ignore=shutil.ignore_patterns(".venv", ".git", "tests"))
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source)]
    subprocess.run(pip, check=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    assert "toe/report/run.html.j2" in zipfile.ZipFile(wheel).namelist()
