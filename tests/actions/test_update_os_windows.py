"""UpdateOS on Windows: the script for Windows Update, checked by a grammar, and how PowerShell is called.

There is no PowerShell here: what runs is a program of that name which notes how it was called. What the script does on
Windows is not shown by any of these tests.
"""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from local_actions import Actions, ProcessContext
from powershell_grammar import assert_powershell

from toe.actions.base import Completed, Reboot
from toe.actions.packages import windows_update
from toe.errors import ActionError
from toe.system.host import Host
from toe.system.processes.posix import PosixProcesses

pytest_plugins = ("local_actions",)


def meant(script: str) -> Any:
    """What the script is to install and to leave out."""
    encoded = re.search(r"FromBase64String\('([A-Za-z0-9+/=]*)'\)", script)
    assert encoded
    return json.loads(base64.b64decode(encoded[1]))


def test_update_script_holds_ids_and_titles() -> None:
    script = windows_update.script(["KB1234567", "kb22", " 333 ", "*Security*"], ["Preview of KB44", "KB*"])
    assert meant(script) == {
        "include": {"ids": ["1234567", "22", "333"], "titles": ["*Security*"]},
        "exclude": {"ids": [], "titles": ["Preview of KB44", "KB*"]},
    }
    assert meant(windows_update.script([], [])) == {key: {"ids": [], "titles": []} for key in ("include", "exclude")}


def test_update_script_takes_no_wildcard_but_the_star() -> None:
    assert meant(windows_update.script(["a?[b]`*"], []))["include"]["titles"] == ["a`?`[b`]``*"]


@pytest.mark.parametrize("title", ["'; exit 0 #", "’$(exit)", '"`n$x', "a\nb", "@MEANT@", "ümläut ☃"])
def test_update_script_lets_no_title_become_code(title: str) -> None:
    plain = windows_update.script(["x"], [])
    script = windows_update.script([title], [title])
    assert script.isascii()
    changed = [line for line in script.splitlines() if line not in plain.splitlines()]
    assert len(changed) == 1
    assert "FromBase64String('" in changed[0]
    assert meant(script)["exclude"]["titles"] == [title.replace("`", "``")]


@pytest.mark.parametrize("key", ["include", "exclude"])
def test_update_script_refuses_an_empty_entry(key: str) -> None:
    entries = {"include": ["KB1"], "exclude": ["KB2"], key: ["KB1", " "]}
    with pytest.raises(ActionError, match=f"an entry of '{key}' is empty"):
        windows_update.script(**entries)


def test_update_script_is_powershell() -> None:
    assert_powershell(windows_update.script(["KB1"], ["*Preview*"]))


def test_update_answer_is_the_scripts_exit_code() -> None:
    assert windows_update.answer(Completed(0, "", "")) is None
    assert windows_update.answer(Completed(3010, "", "")) == Reboot(3010, same_step=True)
    with pytest.raises(ActionError, match="Windows Update failed: exit status 1") as caught:
        windows_update.answer(Completed(1, "", "Installation: failed: x (0x80240017)"))
    assert (caught.value.exit_code, caught.value.stderr) == (1, "Installation: failed: x (0x80240017)")


@pytest.fixture
def on_windows(act: Actions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Actions:
    """Actions on "Windows", where `powershell.exe` copies its script to `script` and ends as `code` says."""
    program = tmp_path / "powershell.exe"
    program.write_text(
        f'#!/bin/sh\ncd {tmp_path}\necho "$@" > arguments\ncp "$6" script\necho gone wrong >&2\nexit $(cat code)\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    act.ctx = ProcessContext(Host("windows", environment, True, PosixProcesses(own_process=False)))
    return act


def test_update_os_has_powershell_run_the_script(on_windows: Actions, tmp_path: Path) -> None:
    (tmp_path / "code").write_text("0")
    assert on_windows("UpdateOS", include=["KB5"], exclude=["*Preview*"]) is None
    arguments = (tmp_path / "arguments").read_text()
    assert re.fullmatch(r"-NoProfile -NonInteractive -ExecutionPolicy Bypass -File \S+update\.ps1\n", arguments)
    written = windows_update.script(["KB5"], ["*Preview*"]).replace("\n", "\r\n").encode("utf-8-sig")
    assert (tmp_path / "script").read_bytes() == written
    assert not Path(arguments.split()[-1]).exists()


def test_update_os_fails_with_the_scripts_exit_code(on_windows: Actions, tmp_path: Path) -> None:
    (tmp_path / "code").write_text("1")
    with pytest.raises(ActionError, match="Windows Update failed: exit status 1") as caught:
        on_windows("UpdateOS")
    assert caught.value.stderr == "gone wrong"
