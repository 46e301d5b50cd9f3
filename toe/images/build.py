"""Plans an image and builds it: recipe, engine, cache and tests put together. What people see of it is elsewhere."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from toe.bundle.identity import identity, installed_extras
from toe.errors import Interrupted, ToeError
from toe.events import Sink
from toe.images.bases import base_image
from toe.images.capsule import capsule
from toe.images.component_runs import Runs
from toe.images.container_maker import ContainerMaker
from toe.images.engines.base import CHROOT, MISSING, Engine
from toe.images.engines.buildah_container import BUILDAH
from toe.images.engines.find import find_engine
from toe.images.engines.orphans import await_orphans
from toe.images.engines.work_folders import remove_left_folders
from toe.images.finding import Base, Given, found_for, given_for, tests_of, versions_of, with_version
from toe.images.gather import chosen_environment
from toe.images.guest import NotStartedError
from toe.images.in_container import clean
from toe.images.keeping.undisturbed import build_runs
from toe.images.lock_file import lock_beside, read_lock
from toe.images.machines.building import machine_base, machine_found, size_of
from toe.images.machines.maker import MachineMaker
from toe.images.machines.shelf import DiskShelf
from toe.images.order import BuildOrder, Found
from toe.images.plan import BuildPlan, Rules, plan_layers
from toe.images.recording import image_record
from toe.images.records import ImageRecord
from toe.images.reproducible import VARIABLE as TIME_VARIABLE
from toe.images.results import BuildError, BuildResult, Failure
from toe.images.shared_cache import SharedCache, push_layers, repository_in
from toe.images.skopeo import require_skopeo
from toe.images.store import Store, store_in
from toe.images.versions import Version, matches, next_version, parse_version
from toe.images.walk import Telling, Walk, known_to, settle
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation
from toe.version import __version__
from toe.words import counted

#: Of the digest of `toe` itself, which stands in keys and is shown to people.
_SHOWN_DIGITS = 16
#: What the logs of a run need at least.
_LEAST_BYTES = 64 * 1024


class Hooks(NamedTuple):
    """Who is told of a build: of its layers and tests, of each run of toe in a container, of lines for people."""

    telling: Telling
    listeners: Callable[[], Sequence[Sink]] = tuple
    report: Callable[[str], None] = lambda line: None


class Prepared(NamedTuple):
    """A build that can begin: what was found for it, with store and engine (of containers) open.

    `isolation` is what was asked for.
    """

    found: Found
    isolation: str
    state_directory: str
    engine: Engine | None
    store: Store
    maker: ContainerMaker | MachineMaker
    cancellation: Cancellation
    hooks: Hooks
    shared: SharedCache | None = None


def prepare(
    order: BuildOrder, state_directory: str, cancellation: Cancellation, hooks: Hooks, *, pull: str = MISSING
) -> Prepared:
    """Read and check what is asked for, find the engine, and put right what killed builds have left.

    Raises ToeError, and Interrupted when it is stopped. `pull` says whether the base is fetched: NEVER, MISSING, NEWER.
    """
    if order.cache_to:
        repository_in(order.cache_to)  # a slip there would be found behind the build
        read_lock(lock_beside(order.recipe))
    if order.cache_to or order.cache_from:
        require_skopeo()
    given = given_for(order)
    if order.disk_format:
        return _prepared_machine(given, state_directory, cancellation, hooks)
    isolation = order.isolation or given.side.isolation
    engine = find_engine(order.engine or given.side.engine, isolation)
    store = store_in(state_directory)
    name, digest, platform = base_image(given, engine, pull, cancellation)
    base = Base(name, digest, platform, engine.identity, _own_identity())
    environment = environment_of(order)
    found = found_for(given, base, engine.digest, _taken(store, given.recipe.name), cancellation, environment)
    maker = ContainerMaker(
        engine,
        found,
        _runs(environment, cancellation, hooks),
    )
    shared = None
    if order.cache_from:
        shared = SharedCache(order.cache_from, order.recipe, engine.name, cancellation, hooks.report)
    clean(engine)
    settle(store, maker)
    return Prepared(found, isolation, state_directory, engine, store, maker, cancellation, hooks, shared)


def _prepared_machine(given: Given, state_directory: str, cancellation: Cancellation, hooks: Hooks) -> Prepared:
    """The same for a machine image."""
    order = given.order
    store = store_in(state_directory).of_machines()
    shelf = DiskShelf(store.machines)
    name, base = machine_base(given, store.machines / "bases", cancellation, hooks.report)
    environment = environment_of(order)
    taken = _taken(store, given.recipe.name)
    found = machine_found(given, name, base, _own_identity(), taken, cancellation, environment)
    size = size_of(given.recipe, base)
    maker = MachineMaker(base, size, found, _runs(environment, cancellation, hooks), shelf)
    await_orphans()
    remove_left_folders()
    settle(store, shelf)
    shelf.clean()
    return Prepared(found, "", state_directory, None, store, maker, cancellation, hooks)


def _own_identity() -> str:
    return f"{__version__} {identity(installed_extras())[:_SHOWN_DIGITS]}"


def _runs(environment: Mapping[str, str], cancellation: Cancellation, hooks: Hooks) -> Runs:
    return Runs(lambda: capsule(cancellation, hooks.report), environment, cancellation, hooks.listeners, hooks.report)


def plan_of(prepared: Prepared, now: float) -> BuildPlan:
    """What the build would do."""
    found = prepared.found
    known = known_to(prepared.store, prepared.maker, found.recipe.name, prepared.shared)
    tests, host_tests = ([], []) if found.order.no_tests else tests_of(found)
    return BuildPlan(
        found.recipe.name,
        str(found.version),
        found.order.recipe,
        found.base,
        found.base_digest,
        found.platform,
        found.engine,
        plan_layers(found.layers, found.base_digest, known, _rules(found, now)),
        tuple(part.name for part in tests),
        tuple(part.name for part in host_tests),
        found.tags,
    )


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
        _rules(found, started_at),
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


def environment_of(order: BuildOrder) -> dict[str, str]:
    """What components are given beside the variables of their image: what is asked for, and the time of the source.

    Raises ToeError for a variable that is not there.
    """
    chosen = chosen_environment(list(order.variables), order.environment)
    return chosen | {name: order.environment[name] for name in (TIME_VARIABLE,) if order.environment.get(name)}


def _rules(found: Found, now: float) -> Rules:
    order = found.order
    return Rules(now, found.max_age_seconds, order.no_cache, order.refresh)


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


def _taken(store: Store, recipe: str) -> Iterator[Version]:
    return versions_of(recipe, ((one.recipe.get("name", ""), one.recipe.get("version", "")) for one in store.images()))


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
    return with_version(found, next_version(wanted, _taken(prepared.store, name)))
