"""`toe plan` and `toe run --dry-run`: what they print, how they end, and that they touch nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import toe
from toe.cli.main import command_line
from toe.errors import Severity
from toe.system.host import platform_name

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((REPOSITORY / "examples").glob("*/component.yml"))
CORPUS = sorted((REPOSITORY.parents[0] / "shared" / "corpus").glob("*.yml")) or sorted(
    (REPOSITORY.parents[1] / "shared" / "corpus").glob("*.yml")
)
HELLO = str(REPOSITORY / "examples" / "hello-world" / "component.yml")


def test_a_dry_run_prints_the_plan_and_no_summary(capfd: pytest.CaptureFixture[str]) -> None:
    assert command_line(["plan", HELLO]) == 0
    planned, _ = capfd.readouterr()
    assert command_line(["run", HELLO, "--dry-run"]) == 0
    dry, err = capfd.readouterr()
    assert (dry, err) == (planned, "")
    assert "1. Greet (ExecuteBash)" in planned
    assert os.listdir() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan"], "no documents to run"),
        (["plan", "missing.yml"], "cannot read the document"),
        (["plan", HELLO, "--format", "xml"], "unknown format 'xml'"),
        (["plan", HELLO, "--phases", "nothing"], "no document has a phase 'nothing'"),
        (["plan", HELLO, "--blocked-action-modules", "ExecuteBash"], "action 'ExecuteBash' is blocked"),
        (["plan", HELLO, "--mask", "Nobody"], "'Nobody' is to be masked"),
        (["plan", "s3://bucket/doc.yml"], "s3://bucket/doc.yml: not fetched"),
        (["plan", "-c", "s3://bucket/config.json"], "s3://bucket/config.json: not fetched"),
        (["plan", "typo.yml"], "unknown action 'ExecuteBsh'"),
        (["run", HELLO, "--dry-run", "--reboot", "maybe"], "unknown way to reboot"),
        (["run", HELLO, "--fetch"], "--fetch belongs to --dry-run"),
        (["run", HELLO, "--dry-run", "--summary", "s.json"], "--summary belongs to a run, and --dry-run makes none"),
        (["run", HELLO, "--dry-run", "--events", "-"], "--events belongs to a run, and --dry-run makes none"),
        (["run", HELLO, "--dry-run", "--html", "r.html"], "--html belongs to a run, and --dry-run makes none"),
        (["run", HELLO, "--dry-run", "--junit-xml", "r.xml"], "--junit-xml belongs to a run, and --dry-run makes none"),
        (["run", HELLO, "--dry-run", "--otel"], "--otel belongs to a run, and --dry-run makes none"),
        (["plan", HELLO, "--start-at", "build.Great"], "has no step 'build.Great' (did you mean"),
        (["plan", HELLO, "--only", ","], "--only names no step"),
    ],
)
def test_what_is_wrong_is_said_once_and_ends_with_2(
    arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("typo.yml").write_text(Path(HELLO).read_text().replace("ExecuteBash", "ExecuteBsh"))
    assert command_line(arguments) == 2
    out, err = capfd.readouterr()
    assert message in err
    assert out == "" or arguments[0] == "run"
    assert os.listdir() == ["typo.yml"]


@pytest.mark.parametrize("path", [*EXAMPLES, *CORPUS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_real_document_is_planned_and_nothing_is_touched(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = {entry: entry.stat().st_mtime_ns for entry in path.parent.rglob("*")}
    arguments = ["plan", str(path), "--parameters", json.dumps(dict.fromkeys(_required(path), "1"))]
    code = command_line([*arguments, "--format", "json"])
    out, err = capfd.readouterr()
    found = toe.validate(path, platforms=[platform_name()], lint=False)
    assert code == (2 if any(problem.severity is Severity.ERROR for problem in found) else 0), err
    if code == 2:
        assert out == ""
        assert err
    else:
        assert json.loads(out)["documents"][0]["path"] == str(path)
        assert command_line(arguments) == 0
        text, _ = capfd.readouterr()
        long = [line for line in text.splitlines() if len(line) > 80 and " " in line.strip().lstrip("- ")]
        assert [line for line in long if len(line.rsplit(" ", 1)[0]) > 80] == []
    assert os.listdir() == []
    assert {entry: entry.stat().st_mtime_ns for entry in path.parent.rglob("*")} == before


def _required(path: Path) -> list[str]:
    """The parameters without a default, which must be given."""
    try:
        document = toe.load(path)
    except toe.ToeError:
        return []
    return [parameter.name for parameter in document.parameters if parameter.default is None]
