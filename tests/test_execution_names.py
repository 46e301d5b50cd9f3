"""Execution ids are free text; what they name in the file system is safe everywhere (reference, section 7)."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from forked_toe import forked_toe
from hypothesis import given
from hypothesis import strategies as st

import toe
from toe.execution_names import new_execution_id, one_line, safe_name
from toe.system.windows.paths import is_windows_name

TOE = [sys.executable, "-m", "toe"]
IDS = {
    "production's own": "/i-0123456789abcdef0",
    "parents": "../../x",
    "dots": "..",
    "a dot": ".",
    "blanks": "my run, 2nd",
    "option": "--help",
    "newline": "a\nDebug b",
    "control": "a\x1b[31mb\x7f",
    "other letters": "größe-日本",
    "bidi": "a\u202eb",
    "long": "x" * 500,
    "device": "con",
    "device with an ending": "NUL.txt",
    "quotes": "a'b\"c$(touch planted)`touch planted`%d",
    "not UTF-8": os.fsdecode(b"a\xff"),
    "colon": "arn:aws:x*",
}
ASK = "[ -e go ] || exit 194"
TEXT = (
    "schemaVersion: 1.0\n"
    f"phases: [{{name: build, steps: [{{name: Ask, action: ExecuteBash, inputs: {{commands: ['{ASK}']}}}}]}}]\n"
)


@pytest.mark.parametrize(
    "plain", [pytest.param(new_execution_id(), id="new"), "run-1", "a", "_", "v1.2-rc_3", "x" * 128]
)
def test_what_is_a_name_stays(plain: str) -> None:
    assert safe_name(plain) == plain


@given(st.text() | st.sampled_from(sorted(IDS.values())))
def test_every_id_has_a_name_that_is_safe_and_its_own(execution_id: str) -> None:
    name = safe_name(execution_id)
    assert 0 < len(name) <= 128
    assert is_windows_name(name)
    assert name.isascii()
    assert not name.startswith((".", "-"))
    assert ".." not in name
    assert {*name} <= {*"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."}
    assert safe_name(name) == name


@given(st.text(), st.text())
def test_ids_that_differ_have_names_that_differ(first: str, second: str) -> None:
    assert (safe_name(first) == safe_name(second)) is (first == second)


@given(st.text())
def test_an_id_in_a_message_is_one_line_of_what_can_be_seen(execution_id: str) -> None:
    assert one_line(execution_id).isprintable()


@pytest.mark.parametrize("execution_id", IDS.values(), ids=IDS)
def test_an_id_is_kept_in_every_report_and_its_run_goes_on_by_it(
    execution_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("doc.yml").write_text(TEXT)
    monkeypatch.delenv("TOE_NO_REBOOT")
    asked = forked_toe("run", "doc.yml", "-l", "logs", "--reboot", "exit", f"--execution-id={execution_id}")
    assert asked.returncode == 194, asked.stderr
    (journal,) = Path("state").glob("*.journal")
    assert journal.stem == safe_name(execution_id)
    (folder,) = Path("logs").iterdir()
    assert folder.name.endswith(f"_UTC-0_{journal.stem}")
    assert sorted(os.listdir()) == ["doc.yml", "logs", "state"]

    status = forked_toe("status", "--", execution_id)
    assert status.returncode == 0, status.stderr
    assert status.stdout.decode().startswith(f"{one_line(execution_id)}: waits for a reboot\n")
    assert b"\x1b" not in status.stdout + asked.stderr
    Path("go").touch()
    done = forked_toe("resume", "--", execution_id)
    assert done.returncode == 0, done.stderr
    reports = [json.loads(done.stdout.decode()), json.loads((folder / "detailedoutput.json").read_text())]
    shown = execution_id.encode("utf-8", "backslashreplace").decode()
    assert {report["executionId"] for report in reports} <= {execution_id, shown}
    assert b"\x1b" not in done.stderr
    lines = (folder / "application.log").read_text().splitlines()
    assert all(line[:4].isdecimal() for line in lines), "a line that an id has broken"


def test_a_run_goes_on_by_its_name_too() -> None:
    Path("doc.yml").write_text(TEXT)
    environment = {**os.environ, "TOE_NO_REBOOT": "0"}
    assert toe.run("doc.yml", execution_id="a/b", log_directory=None, environment=environment).reboot
    Path("go").touch()
    result = toe.resume(safe_name("a/b"))
    assert (result.execution_id, result.status) == ("a/b", toe.Status.SUCCESS)


@pytest.mark.parametrize("arguments", [["-i", ""], ["--execution-id="], ["-c", "config.json"]])
def test_an_empty_id_is_an_error(arguments: list[str]) -> None:
    Path("doc.yml").write_text(TEXT)
    Path("config.json").write_text('{"documents": [{"path": "doc.yml"}], "executionId": ""}')
    documents = [] if "-c" in arguments else ["doc.yml"]
    done = forked_toe("run", *arguments, *documents)
    assert done.returncode == 2
    assert b"the execution id is empty" in done.stderr
    with pytest.raises(toe.ToeError, match="the execution id is empty"):
        toe.run("doc.yml", execution_id="")
