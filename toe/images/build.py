"""Builds what was prepared: layers, tests, names, record. What people see of it is elsewhere."""

from __future__ import annotations

import os
import secrets
import shutil
import time

from toe.errors import Interrupted, ToeError
from toe.images.engines.base import CHROOT
from toe.images.engines.buildah_container import BUILDAH
from toe.images.finding import tests_of, with_version
from toe.images.guest import NotStartedError
from toe.images.keeping.undisturbed import build_runs
from toe.images.order import Found
from toe.images.preparing import Prepared, prepare, rules_of, taken_versions
from toe.images.recording import image_record
from toe.images.records import ImageRecord
from toe.images.results import BuildError, BuildResult, Failure
from toe.images.shared_cache import push_layers
from toe.images.versions import matches, next_version, parse_version
from toe.images.walk import Walk
from toe.words import counted

#: What the logs of a run need at least.
_LEAST_BYTES = 64 * 1024


def build_image(prepared: Prepared, log_directory: str = "") -> BuildResult:
    """Build what was prepared, test it and name it. A failure and a stop are results; nothing of them is left.

    `log_directory` gets the build's logs; "" for the store's own place.
    """
    found, store, cancellation = prepared.found, prepared.store, prepared.cancellation
    started_at, began = time.time(), time.monotonic()
    build = new_build_id(started_at)
    logs = os.path.join(os.path.abspath(log_directory), f"toe-build-{build}") if log_directory else ""
    logs = store.log_folder(build, logs)
    prepared.maker.components.logs = logs
    walk = Walk(
        found.recipe.name,
        build,
        prepared.maker,
        store,
        rules_of(found, started_at),
        cancellation,
        prepared.hooks.telling,
        prepared.shared,
    )
    image, failure, signal, record, unshared = "", None, None, None, ""
    try:
        with build_runs(store, build, cancellation, lambda: prepared.hooks.report("waits for images to be removed")):
            image = walk.layers_on(found.base_digest, found.layers)
            if not found.order.no_tests and any(tests_of(found)):
                walk.test(image)

            def recorded() -> ImageRecord:
                last = _renumbered(prepared, image)
                return image_record(last, build, image, walk.layers, walk.tests, (started_at, time.time()), logs)

            record = walk.name(recorded)
            unshared = _share(prepared, walk, started_at)
    except BuildError as error:
        failure = error.failure
    except Interrupted:
        signal = cancellation.signal
    except ToeError as error:
        if cancellation.requested:  # what was stopped on the way says so in its own words
            signal = cancellation.signal
        elif isinstance(error, NotStartedError) and _can_be_less_apart(prepared) and not _is_full(logs):
            return build_image(_less_apart(prepared), log_directory)
        else:
            failure = _failure(error, logs)
    finally:
        prepared.maker.close()
    return BuildResult(
        build,
        found.recipe.name,
        record.recipe["version"] if record else str(found.version),
        image if record else "",
        tuple(record.tags) if record else (),
        tuple(walk.layers),
        tuple(walk.tests),
        time.monotonic() - began,
        logs,
        failure,
        signal,
        record,
        unshared,
    )


def _share(prepared: Prepared, walk: Walk, now: float) -> str:
    """Have the registry of `--cache-to` hold the layers; why it does not, or "". Raises Interrupted."""
    found, engine, store = prepared.found, prepared.engine, prepared.store
    if not found.order.cache_to or engine is None:
        return ""
    lasting = {layer.name for layer in found.layers if not layer.key.uncacheable}
    keys = [one.outlook.key for one in walk.layers if one.outlook.name in lasting]
    records = [record for record in map(store.layer, keys) if record is not None]
    to, oldest = (found.order.cache_to, found.order.recipe, engine.name), now - found.max_age_seconds
    try:
        count = push_layers(*to, records, oldest, store, prepared.cancellation)
        prepared.hooks.report(f"pushed   {count} of {counted(len(records), 'layer')} to {found.order.cache_to}")
    except ToeError as error:
        prepared.cancellation.check()
        return f"the image is built, and not all of its layers are in {found.order.cache_to}: {error.in_one_line}"
    return ""


def _failure(error: ToeError, logs: str) -> Failure:
    """What failed; where no log can be written, `toe` in a container says nothing and ends."""
    full = f"No space left on the disk of '{logs}': " if _is_full(logs) else ""
    return Failure(f"{full}{error.in_one_line}", logs=logs)


def _is_full(folder: str) -> bool:
    return shutil.disk_usage(folder).free < _LEAST_BYTES


def new_build_id(now: float) -> str:
    """An id for a build: its time, so that they sort, and something that no other build has."""
    return f"{time.strftime('%Y-%m-%dT%H-%M-%SZ', time.gmtime(now))}-{secrets.token_hex(3)}"


def _can_be_less_apart(prepared: Prepared) -> bool:
    """Whether nobody has said how processes are kept apart, and there is another way."""
    engine = prepared.engine
    return engine is not None and not prepared.isolation and engine.name == BUILDAH and CHROOT not in engine.identity


def _less_apart(prepared: Prepared) -> Prepared:
    """The same build where no process starts in a container of its own."""
    report = prepared.hooks.report
    report("toe: warning: no process starts in a container of its own here: its files alone are apart (chroot)")
    report("  it sees the processes and the network of this machine; --isolation chroot says that you know")
    order = prepared.found.order._replace(isolation=CHROOT)
    return prepare(order, prepared.state_directory, prepared.cancellation, prepared.hooks)


def _renumbered(prepared: Prepared, image: str) -> Found:
    """What was found, with the number of this image: other builds may have taken that which was free at the beginning.

    An image that is the last one of its recipe anew keeps that one's number.
    """
    found = prepared.found
    name = found.recipe.name
    last = next((one for one in prepared.store.images() if one.recipe.get("name") == name), None)
    wanted = found.recipe.version
    if last is not None and last.image == image:
        version = parse_version(last.recipe.get("version", ""))
        if version is not None and matches(wanted, version):
            return with_version(found, version)
    return with_version(found, next_version(wanted, taken_versions(prepared.store, name)))
