"""The records of what was built, and the locks of those who build."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from toe.errors import Interrupted, ToeError
from toe.images.records import ImageRecord, LayerRecord
from toe.images.store import Store
from toe.system.cancellation import Cancellation

IMAGE, BELOW = "a" * 64, "sha256:" + "b" * 64
LAYER = LayerRecord("k1", {"document": "sha256:1"}, "web", "nginx", IMAGE, BELOW, 100.0, 2.5, "build-1")
BUILT = ImageRecord(
    "build-1", IMAGE, ["localhost/web:1.0.0-1"], {"name": "web"}, {"name": "debian", "digest": BELOW}, [], [],
    {"version": "1"}, {"name": "buildah"}, "linux/amd64", 1.0, 2, "/logs",
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "images"))


def test_what_was_put_is_there(store: Store) -> None:
    store.put_layer(LAYER)
    store.put_layer(LAYER._replace(key="k2", made_at=200))
    store.put_image(BUILT)
    assert store.layer("k1") == LAYER
    assert [layer.key for layer in store.layers()] == ["k2", "k1"]
    assert store.images() == [BUILT]
    store.remove_layer("k1")
    store.remove_image("build-1")
    store.remove_image("build-1")
    assert (store.layer("k1"), store.images()) == (None, [])


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"key": "k1"}', "\x80", "[" * 100_000],
    ids=["empty", "torn", "list", "incomplete", "no-utf8", "deep"],
)
def test_a_damaged_record_is_none(store: Store, text: str) -> None:
    store.put_layer(LAYER)
    Path(store.folder, "layers", "k1.json").write_text(text, encoding="latin-1")
    assert store.layer("k1") is None


def test_a_record_whose_image_is_no_digest_is_none(store: Store) -> None:
    store.put_layer(LAYER._replace(image="--help"))
    assert store.layer("k1") is None


def test_a_record_under_another_key_is_none(store: Store) -> None:
    store.put_layer(LAYER)
    os.rename(f"{store.folder}/layers/k1.json", f"{store.folder}/layers/k9.json")
    assert store.layer("k9") is None


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images").chmod(0o777)
    with pytest.raises(ToeError, match="is not to be trusted"):
        Store(str(tmp_path / "images"))


def test_one_has_the_lock_and_the_next_one_waits(store: Store) -> None:
    waited, order = threading.Event(), []

    def second() -> None:
        with store.locks.held("k1", Cancellation(), waited.set):
            order.append("second")

    thread = threading.Thread(target=second)
    with store.locks.held("k1", Cancellation()):
        thread.start()
        assert waited.wait(30)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert os.listdir(f"{store.folder}/locks") == []


def test_waiting_for_a_lock_ends_with_the_build(store: Store) -> None:
    cancellation = Cancellation()
    waiting = store.locks.held("k1", cancellation, cancellation.cancel)
    with store.locks.held("k1", Cancellation()), pytest.raises(Interrupted), waiting:
        pass


HOLDER = """
import sys
from toe.images.store import Store
from toe.system.cancellation import Cancellation
store = Store(sys.argv[1])
with store.locks.held("k1", Cancellation()), store.making.held("tag-1", Cancellation()):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_build_was_making_is_found_and_its_locks_are_free(store: Store) -> None:
    argv = [sys.executable, "-c", HOLDER, store.folder]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert list(store.making.abandoned()) == []
        holder.send_signal(signal.SIGKILL)
    assert list(store.making.abandoned()) == ["tag-1"]
    assert list(store.making.abandoned()) == []
    store.clean()
    assert os.listdir(f"{store.folder}/locks") == []


def test_half_written_records_of_the_dead_are_removed(store: Store) -> None:
    store.put_layer(LAYER)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for pid in (dead.pid, os.getpid()):
        Path(store.folder, "layers", f".toe-{pid}-abc").write_text("half")
    store.clean()
    assert sorted(os.listdir(f"{store.folder}/layers")) == [f".toe-{os.getpid()}-abc", "k1.json"]
