"""States and log folders that strangers could have made or changed: nothing of them is believed, nothing hangs."""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from resumed_runs import ID, count, counted, document, only_folder, reset_counts, with_reboots

import toe
from toe.engine.state.store import put_aside
from toe.system.files.journal import Journal
from toe.system.files.journal_lines import parse

JOURNAL = Path("state") / f"{ID}.journal"
ASK = "[ $(wc -l < Ask.count) -gt 1 ] || exit 194"
NEST = "{name: Nest, action: ExecuteDocument, inputs: {document: inner.yml}}"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def asked() -> None:
    """A run that asked for a reboot in a nested document, with its logs."""
    Path("inner.yml").write_text(document(counted("Ask", ASK)))
    Path("doc.yml").write_text(document(counted("First"), NEST, counted("After")))
    assert toe.run("doc.yml", execution_id=ID, log_directory="logs", environment=with_reboots()).reboot
    reset_counts()
    Path("Ask.count").write_text("x\n")


def resume() -> toe.RunResult:
    return toe.resume(ID, environment=with_reboots())


def refused(match: str) -> None:
    with pytest.raises(toe.ToeError, match=match):
        resume()
    assert (count("First"), count("Ask"), count("After")) == (0, 1, 0)


def as_link(path: Path) -> None:
    moved = path.rename("moved")
    path.symlink_to(moved.resolve())


def as_fifo(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    os.mkfifo(path)


def for_all(path: Path) -> None:
    path.chmod(path.stat().st_mode | 0o002)


def to_nobody(path: Path) -> None:
    os.chown(path, 65534, 65534)


PLANTED = [
    (as_link, "is not to be trusted: it is a link"),
    (as_fifo, "is not to be trusted: it is a FIFO"),
    (for_all, "is not to be trusted: others may write to it"),
    pytest.param(to_nobody, "is not to be trusted: it belongs to user", marks=AS_ROOT),
]


@pytest.mark.parametrize(("plant", "reason"), PLANTED)
@pytest.mark.parametrize("path", [JOURNAL, JOURNAL.parent], ids=["journal", "directory"])
def test_a_state_of_others_is_refused_with_the_reason(
    asked: None, plant: Callable[[Path], None], reason: str, path: Path
) -> None:
    plant(path)
    refused(reason)


@pytest.mark.parametrize(("plant", "reason"), PLANTED)
def test_a_state_of_others_can_be_put_aside(asked: None, plant: Callable[[Path], None], reason: str) -> None:
    plant(JOURNAL)
    aside = put_aside(str(Path.cwd() / JOURNAL))
    assert os.path.lexists(aside)
    assert not os.path.lexists(JOURNAL)


@pytest.mark.parametrize("plant", [as_link, for_all, pytest.param(to_nobody, marks=AS_ROOT)])
def test_no_state_is_put_into_a_directory_of_others(plant: Callable[[Path], None]) -> None:
    Path("doc.yml").write_text(document(counted("First")))
    Path("state").mkdir(0o700)
    plant(Path("state"))
    with pytest.raises(toe.ToeError, match=r"the state directory '.*' is not to be trusted: "):
        toe.run("doc.yml", execution_id=ID, log_directory=None)
    assert count("First") == 0
    assert not list(Path("state").iterdir())


@pytest.mark.parametrize(("plant", "reason"), PLANTED)
@pytest.mark.parametrize("name", ["console.log", "events.jsonl", "document.yaml", "chaining.json", ""])
def test_a_log_folder_of_others_is_refused_with_the_reason(
    asked: None, plant: Callable[[Path], None], reason: str, name: str
) -> None:
    plant(only_folder() / name if name else only_folder())
    refused(reason)


@pytest.mark.parametrize("name", ["application.log", "D0__doc.yml", ".chaining.json.new", "new.log"])
def test_nothing_is_written_through_a_planted_link(asked: None, name: str) -> None:
    Path("target").write_text("precious")
    (only_folder() / name).unlink(missing_ok=True)
    (only_folder() / name).symlink_to(Path("target").resolve())
    refused("is not to be trusted: it is a link")
    assert Path("target").read_text() == "precious"


def test_a_run_goes_on_in_folders_that_are_its_own(asked: None) -> None:
    assert resume().status is toe.Status.SUCCESS
    assert (count("First"), count("After")) == (0, 1)


def records() -> list[dict[str, Any]]:
    return parse(JOURNAL.read_bytes(), str(JOURNAL)).records


def write(state: list[dict[str, Any]]) -> None:
    JOURNAL.unlink(missing_ok=True)
    journal = Journal.create(str(JOURNAL.resolve()))
    for record in state:
        journal.append(record, durable=False)
    journal.close()


def keys(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in the data with each of its keys."""
    if isinstance(data, (dict, list)):
        for key in list(data) if isinstance(data, dict) else range(len(data)):
            yield data, key
            yield from keys(data[key])


def delete(container: Any, key: Any) -> None:
    del container[key]


def put(value: object) -> Callable[[Any, Any], None]:
    def change(container: Any, key: Any) -> None:
        container[key] = value

    return change


CHANGES = [
    pytest.param(delete, id="missing"),
    pytest.param(put(None), id="None"),
    pytest.param(put(7), id="7", marks=pytest.mark.slow),
    pytest.param(put("x"), id="'x'", marks=pytest.mark.slow),
    pytest.param(put([None]), id="[None]", marks=pytest.mark.slow),
    pytest.param(put({}), id="{}", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_state_with_anything_missing_or_odd_is_refused_or_gone_on_with_and_never_a_bug(
    asked: None, change: Callable[[Any, Any], None]
) -> None:
    whole, folder = JOURNAL.read_bytes(), only_folder()
    state = records()
    refusals: list[str] = []
    for number in range(sum(1 for _ in keys(state))):
        changed = copy.deepcopy(state)
        change(*list(keys(changed))[number])
        write(changed)
        try:
            assert resume().status in (toe.Status.SUCCESS, toe.Status.FAILED)
        except toe.ToeError as error:
            refusals.append(error.message)
        shutil.rmtree(folder, ignore_errors=True)
    assert len(refusals) > 20
    assert not [message for message in refusals if "\n" in message]
    JOURNAL.write_bytes(whole)
    assert resume().status is toe.Status.SUCCESS


@pytest.mark.parametrize("key", ["id", "directory", "folder", "started_at", "identity", "order"])
def test_what_a_state_lacks_is_named(asked: None, key: str) -> None:
    state = records()
    del state[0][key]
    write(state)
    refused(rf"the state '.*/{ID}\.journal' holds a record that is not understood: '{key}' is missing")


def test_new_parents_of_the_log_folder_can_be_written_by_nobody_else() -> None:
    Path("doc.yml").write_text(document(counted("First")))
    before = os.umask(0)
    try:
        toe.run("doc.yml", log_directory="a/b//logs/", state_directory="c/d/state")
    finally:
        os.umask(before)
    for path in ("a", "a/b", "a/b/logs", "c", "c/d", "c/d/state"):
        assert Path(path).stat().st_mode & 0o022 == 0, path
