"""`toe images` with real images of buildah and a store of the test's own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from built_images import DAY, put, put_layer

from toe.cli.main import command_line
from toe.images.engines.base import Engine
from toe.images.engines.commands import asked
from toe.images.engines.stock import stock_of
from toe.images.keeping.inventory import inventory_of
from toe.images.store import Store, store_in


@pytest.fixture
def store(container_storage: Path) -> Iterator[Store]:
    """A store; the images of the test are removed behind it: the engine's storage is shared."""
    found = store_in(os.environ["TOE_STATE_DIRECTORY"])
    yield found
    for name in names():
        asked("buildah", "rmi", name)


def names() -> list[str]:
    """The names of all images but the base."""
    told = json.loads(asked("buildah", "images", "--json") or "[]") or []
    return sorted(name for image in told for name in image.get("names") or () if "/static:" not in name)


def toe(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = command_line(["images", *words])
    out, err = capfd.readouterr()
    return code, out, err


def policy(**rule: object) -> str:
    details = {"action": {"type": "DELETE", "includeResources": {"containers": True}}, "filter": rule}
    request = {
        "name": "tidy",
        "executionRole": "role",
        "resourceType": "CONTAINER_IMAGE",
        "policyDetails": [details],
        "resourceSelection": {"recipes": [{"name": "web", "semanticVersion": "x.x.x"}]},
    }
    Path("policy.json").write_text(json.dumps(request))
    return "policy.json"


def test_the_list_has_what_was_built_and_show_tells_all_of_one(
    store: Store, static_image: str, capfd: pytest.CaptureFixture[str], buildah: Engine
) -> None:
    assert toe(capfd) == (0, "", "no image was built yet: toe build RECIPE\n")
    base = buildah.digest(static_image)
    put(store, "web", "1.0.0/1", base, at=0)
    newest = put(store, "web", "1.0.0/2", base, at=DAY)
    store.put_image(newest._replace(build="again", ended_at=2 * DAY))
    code, out, _ = toe(capfd)
    lines = [line.split() for line in out.splitlines()]
    assert (code, lines[0]) == (0, ["NAME", "VERSION", "IMAGE", "FORMAT", "SIZE", "MADE", "FROM"])
    assert [line[:2] for line in lines[1:]] == [["web", "1.0.0/2"], ["web", "1.0.0/1"]]
    assert lines[1][-2:] == ["1970-01-02T00:00:00Z", "localhost/static"]
    _, out, _ = toe(capfd, "--format", "json")
    first, second = json.loads(out)["images"]
    assert first["names"] == ["localhost/web:1.0.0-2", "localhost/web:latest"]
    assert second["names"] == ["localhost/web:1.0.0-1"]
    assert first["builds"] == ["again", "web-1.0.0-2-86400"]
    assert first["size"] > 1_000_000
    for word in ("localhost/web:latest", "web/1.0.0/2", newest.image[7:15], "again"):
        code, out, _ = toe(capfd, "show", word)
        assert (code, out.splitlines()[0]) == (0, "web 1.0.0/2")
    code, _, err = toe(capfd, "show", "web")
    assert (code, "'web' means 2 images" in err, "web/1.0.0/2, web/1.0.0/1" in err) == (2, True, True)


def test_rm_removes_names_image_and_record(
    store: Store, static_image: str, capfd: pytest.CaptureFixture[str], buildah: Engine
) -> None:
    base = buildah.digest(static_image)
    first = put(store, "web", "1.0.0/1", base)
    put(store, "web", "1.0.0/2", base, at=DAY)
    assert toe(capfd, "rm", "web/1.0.0/1") == (0, "removed web 1.0.0/1\n", "")
    assert first.image not in stock_of(buildah)
    assert names() == ["localhost/web:1.0.0-2", "localhost/web:latest"]
    assert [one.recipe["version"] for one in store.images()] == ["1.0.0/2"]
    code, _, err = toe(capfd, "rm", "web/1.0.0/1")
    assert (code, "there is no image 'web/1.0.0/1' (did you mean 'web/1.0.0/2'?)" in err) == (2, True)


def test_what_is_needed_is_not_removed(
    store: Store, static_image: str, capfd: pytest.CaptureFixture[str], buildah: Engine
) -> None:
    base = put(store, "base", "1.0.0/1", buildah.digest(static_image))
    put(store, "app", "1.0.0/1", base.image, at=DAY)
    before = names()
    code, _, err = toe(capfd, "rm", "base/1.0.0/1")
    assert (code, err) == (1, "toe: error: base 1.0.0/1 is needed: app 1.0.0/1 is built on it\n")
    container = asked("buildah", "from", "localhost/app:latest")
    try:
        code, _, err = toe(capfd, "rm", "app", "base")
        assert (code, err) == (1, "toe: error: app 1.0.0/1 is needed: a container uses it\n")
    finally:
        asked("buildah", "rm", container)
    assert (names(), len(store.images())) == (before, 2)
    assert toe(capfd, "rm", "app", "base")[1] == "removed app 1.0.0/1\nremoved base 1.0.0/1\n"
    assert names() == []


def test_prune_removes_by_a_policy_and_old_layers_and_a_dry_run_nothing(
    store: Store, static_image: str, capfd: pytest.CaptureFixture[str], buildah: Engine
) -> None:
    base = buildah.digest(static_image)
    for number in (1, 2, 3):
        put(store, "web", f"1.0.0/{number}", base, at=number * DAY)
    old = put_layer(store, "old", base, at=DAY)
    put_layer(store, "young", base, at=time.time())
    os.makedirs(store.own_logs("failed"))
    os.utime(store.own_logs("failed"), (0, 0))
    before = names()
    words = ("prune", "--policy", policy(type="COUNT", value=1))
    code, dry, err = toe(capfd, *words, "--dry-run")
    assert (code, "'executionRole' has no meaning here" in err, names()) == (0, True, before)
    code, out, _ = toe(capfd, *words)
    lines = [line.split(": ")[0].rsplit(" ", 1)[0] for line in out.splitlines()]
    assert (code, lines[:2]) == (0, ["removed web 1.0.0/2", "removed web 1.0.0/1"])
    assert "removed the layer old of web, of 1970-01-02T00:00:00Z" in out
    assert "removed the logs of 1 build without an image" in out
    assert out == dry.replace("would remove", "removed")
    assert [name for name in names() if "toe-cache" not in name] == ["localhost/web:1.0.0-3", "localhost/web:latest"]
    assert old.image not in stock_of(buildah)
    assert [one.step for one in store.layers()] == ["young"]
    assert not os.path.exists(store.own_logs("failed"))
    assert toe(capfd, *words)[1] == "nothing to remove\n"


def test_where_the_engine_refuses_all_is_as_it_was(
    store: Store, static_image: str, capfd: pytest.CaptureFixture[str], buildah: Engine
) -> None:
    """A container that comes between the look and the removal."""
    from toe.errors import ToeError
    from toe.images.keeping.removal import remove_image
    from toe.system.cancellation import Cancellation

    record = put(store, "web", "1.0.0/1", buildah.digest(static_image))
    before = names()
    (entry,) = inventory_of(store).entries()
    container = asked("buildah", "from", record.tags[0])
    try:
        with pytest.raises(ToeError, match="in use"):
            remove_image(store, entry, buildah, Cancellation())
    finally:
        asked("buildah", "rm", container)
    assert names() == before
    assert store.images() == [record]


KILLED = """
import os, signal, sys
from toe.images.keeping import removal
place = sys.argv[1]
real = getattr(removal, place)
def die(*arguments):
    if place == "_forget":
        os.kill(os.getpid(), signal.SIGKILL)
    real(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(removal, place, die)
from toe.cli.main import command_line
command_line(["images", "rm", "web/1.0.0/1"])
"""


def test_a_removal_that_was_killed_is_finished_by_the_next(
    store: Store, static_image: str, capfd: pytest.CaptureFixture[str], buildah: Engine
) -> None:
    put(store, "web", "1.0.0/1", buildah.digest(static_image))
    killed = subprocess.run([sys.executable, "-c", KILLED, "_forget"], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (names(), len(store.images())) == ([], 1)
    assert toe(capfd, "prune")[:2] == (0, "nothing to remove\n")
    assert (store.images(), store.removing.names()) == ([], [])


def test_a_removal_waits_for_a_build_that_runs(store: Store) -> None:
    from toe.errors import Interrupted
    from toe.images.keeping.undisturbed import build_runs, removal
    from toe.system.cancellation import Cancellation

    said: list[str] = []
    stopped = Cancellation()

    def waits() -> None:
        said.append("waits")
        stopped.cancel()

    with build_runs(store, "one", Cancellation()), pytest.raises(Interrupted), removal(store, stopped, waits):
        pytest.fail("a build runs")
    assert said == ["waits"]
    with removal(store, Cancellation()):
        said.append("alone")
    assert said == ["waits", "alone"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["prun"], "unknown: 'toe images prun' (did you mean 'prune'?)"),
        (["show"], "'toe images show' takes one image"),
        (["rm"], "'toe images rm' takes images"),
        (["--dry-run"], "--dry-run belongs to 'toe images prune'"),
        (["prune", "web"], "'toe images prune' takes no image, such as 'web'"),
        (["prune", "--max-age", "soon"], "--max-age cannot be 'soon'"),
        (["prune", "--resource", "a"], "--resource and --parameters belong to --policy"),
        (["--format", "xml"], "unknown format 'xml'"),
    ],
)
def test_wrong_usage_is_one_message(words: list[str], message: str, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = toe(capfd, *words)
    assert (code, err.splitlines()[0]) == (2, f"toe: error: {message}")
