"""A build of a machine image: its base, the layers' keys beside what all builds have in them, and the maker."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from toe.errors import ToeError
from toe.images.component_runs import WORKING_DIRECTORY
from toe.images.engines.base import MISSING, NEVER, Engine
from toe.images.engines.commands import asked
from toe.images.engines.find import find_engine
from toe.images.finding import Base, Given, base_of, found_for
from toe.images.image_names import LOCAL, is_image_name
from toe.images.key import Key, digest_of
from toe.images.machines import clean_up
from toe.images.machines.bases import Bases, MachineBase
from toe.images.machines.own_loader import OwnLoader
from toe.images.machines.programs import QEMU, require_efi, require_machines
from toe.images.machines.start import ROOT, Start
from toe.images.model import CONTAINER, Recipe
from toe.images.order import Found
from toe.images.plan import Layer
from toe.images.versions import Version
from toe.system.cancellation import Cancellation

PLATFORM = "linux/amd64"
_GIB = 1 << 30
#: The root disk has one of these names on AWS; a recipe with one disk means it.
_ROOT_DEVICES = ("/dev/xvda", "/dev/sda1", "/dev/sda")


def machine_base(
    given: Given, folder: Path, cancellation: Cancellation, say: Callable[[str], object]
) -> tuple[str, MachineBase]:
    """The path or the name of a recipe's base, and the base. Disks that are made of others are kept in the folder.

    Raises ToeError where there is none, or no machine can be started here.
    """
    require_machines()
    bases, name = Bases(folder, cancellation, say), base_of(given)
    says_it = given.order.recipe if given.side.local_image(given.recipe.parent_image) is None else given.side.path
    path = os.path.join(os.path.dirname(says_it), name)
    if not os.path.lexists(path):
        found = _image_of_containers(given, name, cancellation)
        if found is not None:
            return name, bases.of_image(found[0], name, found[1])
    return path, bases.base(path)


def _image_of_containers(given: Given, name: str, cancellation: Cancellation) -> tuple[Engine, str] | None:
    """The engine that has an image of this name, and its id; None where there is none. With `--fetch` it is fetched."""
    if not is_image_name(name):
        return None
    fetches = given.order.fetches and not name.startswith(f"{LOCAL}/")
    try:
        engine = find_engine(given.side.engine)
        return engine, engine.digest(name, pull=MISSING if fetches else NEVER, cancellation=cancellation)
    except ToeError as error:
        if not fetches:
            return None
        why = f"there is no base '{name}' here, and no image of containers to fetch: {error.message}"
        raise ToeError(why, hint=error.hint) from error


def engine_identity() -> str:
    """What starts the machines, with its version."""
    return f"qemu {asked(QEMU, '--version').split('version ')[-1].split(' ')[0]}"


def machine_found(
    given: Given,
    name: str,
    base: MachineBase,
    toe: str,
    taken: Iterable[Version],
    cancellation: Cancellation,
    environment: dict[str, str],
) -> Found:
    """All that the build needs. Raises ToeError, also for what a machine image cannot be made of."""
    recipe = given.recipe
    if recipe.kind == CONTAINER:
        raise ToeError(f"{recipe.place}: a container recipe becomes no disk", hint="leave --format out")
    if given.order.bootable:
        check_bootable(name, base.start, is_booted=not given.order.no_tests)
    told = Base(name, base.digest, PLATFORM, engine_identity(), toe)
    found = found_for(given, told, lambda image: image, taken, cancellation, environment)
    size = size_of(recipe, base)
    common = {"kernel": base.kernel, "volume size": str(size), **_from_outside(found)}
    layers = (*found.layers, _clean_up(recipe, found))
    return found._replace(
        layers=tuple(one._replace(key=one.key._replace(parts={**one.key.parts, **common})) for one in layers)
    )


def _from_outside(found: Found) -> dict[str, str]:
    """What the machines are given that may change what comes of a build, each only where it is given.

    The network belongs to it: scripts find out whether there is one and do something else then, and a build without one
    promises that nothing in the image was fetched.
    """
    parts = {}
    if found.recipe.user_data:
        parts["user data"] = digest_of(found.recipe.user_data)
    if found.order.network:
        parts["network"] = "user mode"
    return parts


def check_bootable(name: str, start: Start | OwnLoader, *, is_booted: bool) -> None:
    """Raise ToeError where no disk can be made that starts by itself, or, if it `is_booted`, none can be tested."""
    if not isinstance(start, Start) or start.root != f"/dev/{ROOT}":
        hint = "leave --bootable out: a disk with partitions keeps the loader that it has"
        raise ToeError(f"'{name}' has partitions, and --bootable makes those around a root file system", hint=hint)
    require_efi(is_booted=is_booted)


def size_of(recipe: Recipe, base: MachineBase) -> int:
    """The bytes of the image's disk: those of the recipe's root volume, else the base's. Raises ToeError."""
    devices = recipe.block_devices
    for device in devices:
        if device.size_gib and (device.device in _ROOT_DEVICES or len(devices) == 1):
            size = device.size_gib * _GIB
            if size < base.disk.size:
                least = -(-base.disk.size // _GIB)
                hint = f"the base has {least} GiB"
                raise ToeError(f"{device.place}: a volume of {device.size_gib} GiB is too small", hint=hint)
            return size
    return base.disk.size


def _clean_up(recipe: Recipe, found: Found) -> Layer:
    work = recipe.working_directory or WORKING_DIRECTORY
    text = clean_up.script(work, uninstall_agent=recipe.uninstall_agent)
    return Layer(clean_up.NAME, Key({"clean-up": digest_of(text.encode()), "engine": found.engine}))
