"""`pytest --toe`, each time in a child process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest_plugins = ["pytester"]
REPOSITORY = Path(__file__).resolve().parents[2]
#: An environment that was set up before the plugin came has no entry point for it.
PLUGIN = [] if entry_points(group="pytest11", name="toe") else ["-p", "toe.pytest_plugin"]

HEAD = "name: {}\nschemaVersion: 1.0\nphases:\n"
STEP = "      - name: {}\n        action: ExecuteBash\n        inputs: {{commands: [{}]}}\n"


@pytest.fixture
def write(pytester: pytest.Pytester) -> Write:
    return Write(pytester.path)


class Write:
    """Writes documents: of the phase `test` the names of its steps and their commands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str, steps: dict[str, str], end: str = "") -> Path:
        path = self._folder / name
        path.parent.mkdir(exist_ok=True)
        text = HEAD.format(path.stem) + "  - name: test\n    steps:\n"
        path.write_text(text + "".join(STEP.format(*step) for step in steps.items()) + end)
        return path


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(*PLUGIN, *arguments)


def test_a_step_is_an_item_with_a_verdict_of_its_own(pytester: pytest.Pytester, write: Write) -> None:
    write("c/one.yml", {"Good": "echo ran >> count", "NotHere": "exit 77", "Next": "':'"})
    write("c/two.yml", {"Bad": "echo no disk >&2; exit 3", "Later": "':'"})
    (pytester.path / "c/other.yml").write_text("services: []\n")
    pytester.makepyfile(test_own="def test_own(): pass")
    done = run(pytester, "--toe", "-v", "-rs", "--junitxml", "junit.xml")
    done.assert_outcomes(passed=3, failed=1, skipped=2)
    done.stdout.fnmatch_lines(
        [
            "c/one.yml::test.Good PASSED*",
            "c/one.yml::test.NotHere SKIPPED*",
            "c/one.yml::test.Next PASSED*",
            "c/two.yml::test.Bad FAILED*",
            "c/two.yml::test.Later SKIPPED*",
            "*_ step test.Bad _*",
            "Step Bad FAILED",
            "  Document:  two (c/two.yml)",
            "  Exit code: 3",
            "  Error:     exit status 3",
            "    no disk",
            "  Logs:      *",
            "SKIPPED*c/one.yml:9: exit status 77",
            "SKIPPED*c/two.yml:9: not run: step 'Bad' before it failed",
        ]
    )
    done.stdout.no_fnmatch_line("*Traceback*")
    done.stdout.no_fnmatch_line("*items.py*Error*")
    assert (pytester.path / "count").read_text() == "ran\n"
    cases = [case.get("name") for case in ElementTree.parse(pytester.path / "junit.xml").iter("testcase")]
    assert cases == ["test.Good", "test.NotHere", "test.Next", "test.Bad", "test.Later", "test_own"]


def test_a_step_that_was_not_run_fails_where_nobody_else_tells_why(pytester: pytest.Pytester, write: Write) -> None:
    write("a.yml", {"Bad": "exit 3", "Later": "':'"})
    done = run(pytester, "--toe", "-k", "Later")
    done.assert_outcomes(failed=1, deselected=1)
    done.stdout.fnmatch_lines(["not run: step 'Bad' before it failed", "Step Bad FAILED"])


def test_parameters_are_given_and_one_that_nothing_declares_is_told_of(pytester: pytest.Pytester, write: Write) -> None:
    write("a.yml", {"Says": "'[ \"{{ Who }}\" = me ]'"}, "parameters:\n  - Who: {type: string}\n")
    write("b.yml", {"Good": "':'"})
    done = run(pytester, "--toe", "-W", "error", "--toe-parameters", "Who=me,Else=1")
    done.assert_outcomes(passed=2)
    done.stdout.fnmatch_lines(["*warnings of toe*", "no document declares the parameter 'Else'"])
    done = run(pytester, "--toe")
    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.fnmatch_lines(["a.yml:*parameter 'Who' has no default*", "  hint: --toe-parameters Who=..."])
    done = run(pytester, "--toe", "--toe-parameters", "Who")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*--toe-parameters: 'Who' is no parameter*"])


def test_a_slow_step_is_a_warning_also_where_warnings_are_errors(pytester: pytest.Pytester, write: Write) -> None:
    write("a.yml", {"Slow  # toe: expect 10ms": "sleep 0.05"})
    done = run(pytester, "--toe", "-W", "error", "--junitxml", "junit.xml")
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines(["a.yml::test.Slow: step Slow took 0.* s, longer than the 0.01 s that were expected"])
    (listed,) = ElementTree.parse(pytester.path / "junit.xml").iter("property")
    assert listed.get("name") == "warning"


def test_an_invalid_document_is_an_error_of_the_collection_with_its_places(
    pytester: pytest.Pytester, write: Write
) -> None:
    path = write("a.yml", {"Bad": "':'"})
    path.write_text(path.read_text().replace("ExecuteBash", "ExecuteBsh"))
    done = run(pytester, "--toe")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["a.yml:7:17: error*unknown action 'ExecuteBsh'*"])
    done.stdout.no_fnmatch_line("*Traceback*")


def test_an_interrupt_ends_what_a_step_has_started(pytester: pytest.Pytester, write: Write) -> None:
    os.mkfifo(pytester.path / "ready")
    write("a.yml", {"Wait": "echo $$ > ready; exec sleep 60"})
    command = [sys.executable, "-m", "pytest", *PLUGIN, "--toe", "-p", "no:cacheprovider"]
    with subprocess.Popen(command, cwd=pytester.path, stdout=subprocess.DEVNULL) as process:
        pid = int((pytester.path / "ready").read_text())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == pytest.ExitCode.INTERRUPTED
    assert not Path(f"/proc/{pid}").exists()


def test_what_the_project_excludes_is_no_test_unless_it_is_named(pytester: pytest.Pytester, write: Write) -> None:
    write("a.yml", {"Good": "':'"})
    write("b.yml", {"Bad": "exit 1"})
    (pytester.path / ".toe.toml").write_text('exclude = ["b.yml"]\n')
    run(pytester, "--toe").assert_outcomes(passed=1)
    run(pytester, "--toe", "b.yml").assert_outcomes(failed=1)


def test_a_run_without_toe_loads_nothing_of_it(pytester: pytest.Pytester, write: Write) -> None:
    write("a.yml", {"Bad": "exit 1"})
    pytester.makepyfile(
        """
        import sys

        def test_own():
            loaded = {name for name in sys.modules if name.split(".")[0] == "toe"}
            assert loaded <= {"toe", "toe.pytest_plugin"}
            assert "yaml" not in sys.modules
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_pytest_finds_the_plugin_where_toe_is_installed() -> None:
    project = (REPOSITORY / "pyproject.toml").read_text()
    assert '[project.entry-points.pytest11]\ntoe = "toe.pytest_plugin"\n' in project
