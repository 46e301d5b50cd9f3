"""What a build needs before it begins: recipe, components, base, engine, store; and the plan of what it would do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from toe.bundle.identity import identity, installed_extras
from toe.events import Sink
from toe.images.bases import base_image
from toe.images.capsule import capsule
from toe.images.component_runs import Runs
from toe.images.container_maker import ContainerMaker
from toe.images.engines.base import MISSING, Engine
from toe.images.engines.find import find_engine
from toe.images.engines.orphans import await_orphans
from toe.images.engines.work_folders import remove_left_folders
from toe.images.finding import Base, Given, found_for, given_for, tests_of, versions_of
from toe.images.gather import chosen_environment
from toe.images.in_container import clean
from toe.images.lock_file import lock_beside, read_lock
from toe.images.machines.building import machine_base, machine_found, size_of
from toe.images.machines.maker import MachineMaker
from toe.images.machines.shelf import DiskShelf
from toe.images.order import BuildOrder, Found
from toe.images.plan import BuildPlan, Rules, plan_layers
from toe.images.reproducible import VARIABLE as TIME_VARIABLE
from toe.images.shared_cache import SharedCache, repository_in
from toe.images.skopeo import require_skopeo
from toe.images.store import Store, store_in
from toe.images.versions import Version
from toe.images.walk import Telling, known_to, settle
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation
from toe.version import __version__

#: Of the digest of `toe` itself, which stands in keys and is shown to people.
_SHOWN_DIGITS = 16


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
    environment = _environment_of(order)
    found = found_for(given, base, engine.digest, taken_versions(store, given.recipe.name), cancellation, environment)
    maker = ContainerMaker(engine, found, _runs(environment, cancellation, hooks))
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
    environment = _environment_of(order)
    taken = taken_versions(store, given.recipe.name)
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
        plan_layers(found.layers, found.base_digest, known, rules_of(found, now)),
        tuple(part.name for part in tests),
        tuple(part.name for part in host_tests),
        found.tags,
    )


def _environment_of(order: BuildOrder) -> dict[str, str]:
    """What components are given beside the variables of their image: what is asked for, and the time of the source.

    Raises ToeError for a variable that is not there.
    """
    chosen = chosen_environment(list(order.variables), order.environment)
    return chosen | {name: order.environment[name] for name in (TIME_VARIABLE,) if order.environment.get(name)}


def rules_of(found: Found, now: float) -> Rules:
    """What decides of a layer whether it is built anew; `now` in seconds since 1970."""
    order = found.order
    return Rules(now, found.max_age_seconds, order.no_cache, order.refresh)


def taken_versions(store: Store, recipe: str) -> Iterator[Version]:
    """The versions that images of a recipe of this name have."""
    return versions_of(recipe, ((one.recipe.get("name", ""), one.recipe.get("version", "")) for one in store.images()))
