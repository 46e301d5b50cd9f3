"""The walk of a build, with images that are folders: what is cached, locked, given up and put right."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from toe.errors import Interrupted, ToeError
from toe.images.key import Key
from toe.images.plan import Layer, Rules
from toe.images.records import ImageRecord
from toe.images.results import BuildError, ComponentVerdict, Failure, LayerResult
from toe.images.store import Store
from toe.images.walk import Telling, Walk, cache_name, settle
from toe.system.cancellation import Cancellation

BASE = f"sha256:{hashlib.sha256(b'').hexdigest()}"
ONE = Layer("one", Key({"document": "d1"}))
TWO = Layer("two", Key({"document": "d2"}))


class OfOthers:
    """Another engine, which has no image; it is asked for none."""

    engines = ("others",)


class Folders:
    """Images are folders called by the digest of what is in them, names are links to them.

    `made` are the layers that were made, in order. `dies_at` ends the process at one of these places.
    """

    def __init__(self, root: Path, dies_at: str = "") -> None:
        self.root = root
        self.made: list[str] = []
        self.fails: dict[str, ToeError] = {}
        self.inside = threading.Event()
        self.goes_on = threading.Event()
        self.goes_on.set()
        self._dies_at = dies_at
        (root / "names").mkdir(parents=True, exist_ok=True)
        (root / "base").mkdir(exist_ok=True)
        self._named("base", BASE)

    @property
    def engines(self) -> tuple[str, ...]:
        return ("folders",)

    def _named(self, folder: str, image: str) -> None:
        target = self.root / image.removeprefix("sha256:")
        if not target.exists():
            shutil.copytree(self.root / folder, target)

    def _comes_to(self, place: str) -> None:
        if place == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def image(self, name: str) -> str:
        link = self.root / "names" / name.replace("/", "_")
        found = os.readlink(link) if link.is_symlink() else name.removeprefix("sha256:")
        return f"sha256:{found}" if len(found) == 64 and (self.root / found).is_dir() else ""

    def results(self, name: str) -> tuple[Mapping[str, Any], ...]:
        return ({"phase": "build", "step": f"Make {name}", "status": "success", "seconds": 1.0},)

    def make(self, layer: Layer, below: str, name: str, key: str) -> str:
        self.made.append(layer.name)
        self.inside.set()
        assert self.goes_on.wait(30)
        self._comes_to("begun")
        if layer.name in self.fails:
            raise self.fails[layer.name]
        content = f"{below} {sorted(layer.key.parts.items())} {layer.name in self.fails}"
        image = hashlib.sha256(content.encode()).hexdigest()
        (self.root / image).mkdir(exist_ok=True)
        self.tag(image, name)
        self._comes_to("made")
        return f"sha256:{image}"

    def remove(self, name: str) -> None:
        image = self.image(name)
        link = self.root / "names" / name.replace("/", "_")
        link.unlink(missing_ok=True)
        if image and not any(os.readlink(one) == image[7:] for one in (self.root / "names").iterdir()):
            (self.root / image[7:]).rmdir()

    def tag(self, image: str, name: str) -> None:
        link = self.root / "names" / name.replace("/", "_")
        link.unlink(missing_ok=True)
        link.symlink_to(image.removeprefix("sha256:"))
        self._comes_to(f"tagged {name}")

    def test(self, image: str) -> list[ComponentVerdict]:
        self._comes_to("tested")
        return [ComponentVerdict("one", "test", "success", 1, "")]

    def names(self) -> list[str]:
        return sorted(path.name for path in (self.root / "names").iterdir())


@pytest.fixture
def maker(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "engine")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "images"))


def walk(maker: Folders, store: Store, **rules: Any) -> Walk:
    wanted = Rules(time.time())._replace(**rules)
    return Walk("web", "build-1", maker, store, wanted, Cancellation(), Telling())


def record(image: str) -> ImageRecord:
    return ImageRecord("build-1", image, ["web:1", "web:latest"], {}, {}, [], [], {}, {}, "linux/amd64", 0, 0, "")


def fates(one: Walk) -> list[str]:
    return [layer.outlook.fate.value for layer in one.layers]


def test_the_second_build_makes_nothing(maker: Folders, store: Store) -> None:
    first = walk(maker, store).layers_on(BASE, (ONE, TWO))
    again = walk(maker, store)
    assert again.layers_on(BASE, (ONE, TWO)) == first
    assert (maker.made, fates(again)) == (["one", "two"], ["cached", "cached"])
    assert [one["step"] for layer in again.layers for one in layer.results] == ["Make one", "Make two"]


def test_what_comes_out_as_it_was_keeps_what_is_built_on_it(maker: Folders, store: Store) -> None:
    walk(maker, store).layers_on(BASE, (ONE, TWO))
    walk(maker, store, refresh=("one",)).layers_on(BASE, (ONE, TWO))
    assert maker.made == ["one", "two", "one"]


def test_a_layer_that_fails_leaves_nothing(maker: Folders, store: Store) -> None:
    maker.fails["two"] = BuildError(Failure("exit status 1", "two"))
    with pytest.raises(BuildError):
        walk(maker, store).layers_on(BASE, (ONE, TWO))
    assert [layer.step for layer in store.layers()] == ["one"]
    assert len(maker.names()) == 1
    assert os.listdir(f"{store.folder}/making") == os.listdir(f"{store.folder}/locks") == []


def test_a_layer_that_fails_anew_leaves_the_one_that_was_there(maker: Folders, store: Store) -> None:
    walk(maker, store).layers_on(BASE, (ONE,))
    maker.fails["one"] = ToeError("no space left on device")
    with pytest.raises(ToeError, match="no space"):
        walk(maker, store, no_cache=True).layers_on(BASE, (ONE,))
    again = walk(maker, store)
    again.layers_on(BASE, (ONE,))
    assert fates(again) == ["cached"]


def test_of_two_builds_at_once_one_does_the_work(maker: Folders, store: Store) -> None:
    waits = threading.Event()

    class Waiting(Telling):
        def layer_waits(self, name: str) -> None:
            waits.set()

    maker.goes_on.clear()
    images: list[str] = []
    first = threading.Thread(target=lambda: images.append(walk(maker, store).layers_on(BASE, (ONE, TWO))))
    first.start()
    assert maker.inside.wait(30)
    rules = Rules(time.time())
    other = Walk("web", "build-2", maker, Store(store.folder), rules, Cancellation(), Waiting())
    second = threading.Thread(target=lambda: images.append(other.layers_on(BASE, (ONE, TWO))))
    second.start()
    assert waits.wait(30)
    maker.goes_on.set()
    first.join()
    second.join()
    assert len(set(images)) == 1
    assert sorted(maker.made) == ["one", "two"]


def test_a_build_that_is_stopped_begins_no_further_layer(maker: Folders, store: Store) -> None:
    cancellation = Cancellation()

    class Stopping(Telling):
        def layer_ends(self, result: LayerResult) -> None:
            cancellation.cancel()

    one = Walk("web", "build-1", maker, store, Rules(time.time()), cancellation, Stopping())
    with pytest.raises(Interrupted):
        one.layers_on(BASE, (ONE, TWO))
    assert maker.made == ["one"]
    cancellation.close()


def test_an_image_is_recorded_and_named(maker: Folders, store: Store) -> None:
    one = walk(maker, store)
    image = one.layers_on(BASE, (ONE,))
    one.test(image)
    one.name(lambda: record(image))
    assert store.images() == [record(image)]
    assert maker.image("web:1") == maker.image("web:latest") == image


CHILD = """
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from test_walk import BASE, ONE, TWO, Folders, record, walk
from toe.images.store import Store
maker = Folders(Path(sys.argv[1]), sys.argv[3])
one = walk(maker, Store(sys.argv[2]))
image = one.layers_on(BASE, (ONE, TWO))
one.test(image)
one.name(lambda: record(image))
"""
PLACES = ("begun", "made", "tested", "tagged web:1", "tagged web:latest")


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_build_leaves_nothing_behind_the_next_command(maker: Folders, store: Store, place: str) -> None:
    argv = [sys.executable, "-c", CHILD, str(maker.root), store.folder, place]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    assert subprocess.run(argv, env=environment, check=False).returncode == -signal.SIGKILL
    if not place.startswith("tagged"):  # the record of an image in this test names no engine
        before = [*store.layers(), *os.listdir(f"{store.folder}/making")]
        settle(store, OfOthers())  # type: ignore[arg-type]
        assert [*store.layers(), *os.listdir(f"{store.folder}/making")] == before
    settle(store, maker)
    assert os.listdir(f"{store.folder}/making") == os.listdir(f"{store.folder}/locks") == []
    images = {one.image for one in store.layers()}
    assert {maker.image(cache_name(one.key)) for one in store.layers()} == images
    tags = ["web:1", "web:latest"] if place.startswith("tagged") else []
    assert [name for name in maker.names() if name.startswith("web")] == tags
    assert len(maker.names()) == len(store.layers()) + len(tags)
    one = walk(maker, store)
    image = one.layers_on(BASE, (ONE, TWO))
    one.name(lambda: record(image))
    assert maker.image("web:1") == image
