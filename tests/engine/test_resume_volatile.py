"""What a reboot empties: nothing that a run needs lies there when it reboots, and its documents are in the state."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from resumed_runs import ID, count, counted, document, steps_of, with_reboots

import toe
from toe.system.boot import memory_file_system
from toe.system.files.journal_lines import parse

ASK = "[ -e go ] || exit 194"
JOURNAL = Path("state") / f"{ID}.journal"


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder in memory."""
    if not os.access("/dev/shm", os.W_OK) or not memory_file_system("/dev/shm"):
        pytest.skip("needs a tmpfs at /dev/shm")
    folder = tempfile.mkdtemp(prefix="toe-tests-", dir="/dev/shm")
    yield Path(folder)
    shutil.rmtree(folder)


def test_the_kind_of_file_system_is_told(in_memory: Path) -> None:
    assert memory_file_system(str(in_memory / "not" / "there")) == "tmpfs"
    (in_memory / "link").symlink_to(Path.cwd())
    assert memory_file_system(str(in_memory / "link")) == memory_file_system(".") == ""


@pytest.mark.parametrize("place", ["working directory", "log folder", "state"])
@pytest.mark.parametrize("step", ["{name: Ask, action: Reboot}", counted("Ask", "exit 194")])
def test_no_reboot_is_asked_for_when_it_would_lose_the_run(
    in_memory: Path, place: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("doc.yml").write_text(document(counted("First"), step, counted("After")))
    places: dict[str, Any] = {"log_directory": str(Path.cwd() / "logs"), "state_directory": str(Path.cwd() / "state")}
    path = Path.cwd() / "doc.yml"
    if place == "working directory":
        monkeypatch.chdir(in_memory)
    else:
        places["log_directory" if place == "log folder" else "state_directory"] = str(in_memory / "kept")
    result = toe.run(path, execution_id=ID, environment=with_reboots(), **places)
    assert (result.status, result.reboot) == (toe.Status.FAILED, False)
    message = steps_of(result)[1].failure_message
    assert f"the {place} '{in_memory}" in message
    assert message.endswith("is on a file system that a reboot empties (tmpfs)")


def test_a_run_that_keeps_no_state_may_ask_from_anywhere(in_memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(in_memory)
    Path("doc.yml").write_text(document(counted("Ask", ASK)))
    result = toe.run("doc.yml", environment=with_reboots(), log_directory=None, state_directory=None)
    assert result.reboot


def test_documents_that_a_reboot_took_away_come_from_the_state(in_memory: Path) -> None:
    inner = "{name: Nest, action: ExecuteDocument, inputs: {document: inner.yml}}"
    last = "{name: Last, action: ExecuteDocument, inputs: {document: later/last.yml}}"
    (in_memory / "later").mkdir()
    (in_memory / "doc.yml").write_text(document(counted("First"), inner, last))
    (in_memory / "inner.yml").write_text(document(counted("Ask", ASK), counted("Two")))
    (in_memory / "later" / "last.yml").write_text(document(counted("Three")))
    path = in_memory / "doc.yml"
    assert toe.run(path, execution_id=ID, log_directory="logs", environment=with_reboots()).reboot
    for name in ("doc.yml", "inner.yml", "later"):
        (in_memory / name).rename(in_memory / f"{name}.gone")
    Path("go").touch()
    result = toe.resume(ID, environment=with_reboots())
    assert result.status is toe.Status.SUCCESS, result.failure_message
    assert [count(name) for name in ("First", "Ask", "Two", "Three")] == [1, 2, 1, 1]


def test_a_document_that_is_there_and_was_changed_is_still_refused() -> None:
    Path("doc.yml").write_text(document(counted("Ask", ASK)))
    assert toe.run("doc.yml", execution_id=ID, log_directory=None, environment=with_reboots()).reboot
    Path("doc.yml").write_text(document(counted("Ask", ASK), counted("New")))
    with pytest.raises(toe.ToeError, match=r"the document 'doc\.yml' was changed"):
        toe.resume(ID, environment=with_reboots())


def test_of_a_document_with_a_secret_no_copy_is_kept() -> None:
    head = "parameters: [{Password: {type: string, default: s3cret-word}}]\n"
    Path("doc.yml").write_text(document(counted("Ask", ASK), head=head))
    Path("open.yml").write_text(document(counted("Open")))
    options: dict[str, Any] = {"log_directory": None, "environment": with_reboots(), "mask": ["Password"]}
    assert toe.run(["doc.yml", "open.yml"], execution_id=ID, **options).reboot
    state = parse(JOURNAL.read_bytes(), str(JOURNAL)).records
    assert list(state[0]["order"]["copies"]) == ["open.yml"]
    Path("doc.yml").unlink()
    with pytest.raises(toe.ToeError, match=r"doc\.yml: cannot read the document"):
        toe.resume(ID, environment=with_reboots())
