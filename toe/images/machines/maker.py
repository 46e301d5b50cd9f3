"""Layers that are disks of machines: components run in a machine that boots, and each leaves an overlay.

The last layer is the clean-up. What is tested is the file that the image becomes, in a machine that boots from it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from shlex import join
from typing import Any

from toe.errors import ToeError
from toe.images.component_runs import WORKING_DIRECTORY, ComponentRuns, Runs, verdicts
from toe.images.engines.work_folders import new_work_folder
from toe.images.machines import clean_up
from toe.images.machines.bases import MachineBase
from toe.images.machines.disks import Disk, move_below
from toe.images.machines.efi_boot import by_efi
from toe.images.machines.efi_disk import make_efi_disk
from toe.images.machines.in_machine import Given, MachineGuest, machine_guest
from toe.images.machines.outputs import write_disk
from toe.images.machines.shelf import DiskShelf
from toe.images.machines.start import Firmware, Start
from toe.images.order import BUILD_PHASES, HOST_TEST_PHASE, TEST_PHASE, Found
from toe.images.plan import Layer
from toe.images.results import BuildError, ComponentVerdict, Failure

_SHOWN_DIGITS = 16


class MachineMaker:
    """Makes the layers of one build in machines. `size` is that of the image's disk, in bytes."""

    def __init__(self, base: MachineBase, size: int, found: Found, runs: Runs, shelf: DiskShelf) -> None:
        self.components = ComponentRuns(found, runs)
        self._base = base
        self._size = size
        self._found = found
        self._runs = runs
        self._files = shelf.files
        self._placed = shelf.placed
        self._parts = {part.name: part for part in found.parts}
        self._folder: Path | None = None
        self._written: dict[str, Disk] = {}

    @property
    def engines(self) -> tuple[str, ...]:
        """See `Keeper.engines`."""
        return (self._found.engine.partition(" ")[0],)

    def image(self, name: str) -> str:
        """See `Maker.image`."""
        if name == self._base.digest or self._files.disk(name, self._size):
            return name
        return self._files.named(name)

    def make(self, layer: Layer, below: str, name: str, key: str) -> str:
        """See `Maker.make`."""
        with self._guest(self._disk(below), layer.name, self._for_builds()) as guest:
            if layer.name == clean_up.NAME:
                self._clean_up(guest)
            else:
                part = self._parts[layer.name]
                guest.is_thrown_away = False
                guest.afterwards = clean_up.remember(self._found.recipe.working_directory or WORKING_DIRECTORY)
                guest.grows = self._size > self._base.disk.size
                order = self.components.order((part,), tuple(phase for phase in BUILD_PHASES if part.has(phase)))
                self.components.run_in(guest, order, (part,))
            return self._files.take(guest.disk.path, name)

    def results(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """See `Maker.results`."""
        return self.components.results(name)

    def remove(self, name: str) -> None:
        """See `Maker.remove`."""
        self._files.remove(name)

    def tag(self, image: str, name: str) -> None:
        """See `Maker.tag`: the name is the path of the image's file. Names of the cache have no folder before them."""
        if not os.path.isabs(name):
            self._files.name(image, name)
            return
        self._placed.put(image, self._file(image).path, name)
        self._written.pop(image, None)

    def test(self, image: str) -> Sequence[ComponentVerdict]:
        """See `Maker.test`."""
        told: list[ComponentVerdict] = []
        tested = tuple(part for part in self._found.parts if part.has(TEST_PHASE))
        if tested:
            given, by_itself = Given(self._found.order.network), by_efi if self._found.order.bootable else None
            with self._guest(self._file(image), "test", given, by_itself) as guest:
                try:
                    result = self.components.run_in(guest, self.components.order(tested, (TEST_PHASE,)), tested)
                except BuildError:
                    if guest.is_kept:  # what it leans on would go with this process
                        move_below(guest.disk, self._file(image), guest.disk.path.with_name("image"))
                    raise
            told += verdicts(tested, TEST_PHASE, result)
        on_host = tuple(part for part in self._found.parts if part.has(HOST_TEST_PHASE))
        if on_host:
            told += verdicts(on_host, HOST_TEST_PHASE, self.components.run_here(on_host))
        return told

    def close(self) -> None:
        """Remove what was written and got no name."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None
        self._written = {}

    def _disk(self, image: str) -> Disk:
        if image == self._base.digest:
            return self._base.disk
        disk = self._files.disk(image, self._size)
        if disk is None:
            raise ToeError(f"the layer {image} is gone", hint="--no-cache makes all layers anew")
        return disk

    def _for_builds(self) -> Given:
        """All components are built in one instance for cloud-init, which carries out the user data in the first."""
        digest = self._base.digest.removeprefix("sha256:")[:_SHOWN_DIGITS]
        return Given(self._found.order.network, self._found.recipe.user_data, f"toe-build-{digest}")

    def _guest(
        self, disk: Disk, name: str, given: Given, by_itself: Callable[[Disk, Path], Firmware] | None = None
    ) -> AbstractContextManager[MachineGuest]:
        logs = Path(self.components.log_folder(name))
        start = self._base.start
        return machine_guest(
            disk,
            self._runs.capsule(),
            logs,
            self._runs.cancellation,
            size=self._size,
            start=start,
            by_itself=by_itself,
            given=given,
        )

    def _clean_up(self, guest: MachineGuest) -> None:
        """Clean the disk; the list of what was removed is with the logs. Raises BuildError, and Interrupted."""
        recipe = self._found.recipe
        work = recipe.working_directory or WORKING_DIRECTORY
        guest.run_script(clean_up.script(work, uninstall_agent=recipe.uninstall_agent), self._runs.cancellation)
        lines = guest.read_out(clean_up.REPORT).splitlines()
        path = guest.folders.logs / "clean-up.txt"
        path.write_text("".join(f"{line}\n" for line in lines if line != clean_up.DONE))
        if not lines or lines[-1] != clean_up.DONE:
            failure = Failure("the clean-up was cut off", logs=str(guest.folders.logs))
            if self._found.order.keep_failed:
                kept = guest.keep()
                guest.is_kept = True
                failure = failure._replace(enter=join(kept.enter), remove=join(kept.remove))
            raise BuildError(failure)
        self._runs.report(f"cleaned  {len(lines) - 1} things: {path}")

    def _file(self, image: str) -> Disk:
        """The image as one file, in a folder of this process until it has its name."""
        if image not in self._written:
            if self._folder is None:
                self._folder = new_work_folder()
            disk, efi = self._disk(image), self._folder / "efi"
            try:
                if self._found.order.bootable:
                    assert isinstance(self._base.start, Start)  # others were refused
                    disk = make_efi_disk(disk, self._base.start, image, efi)
                self._written[image] = write_disk(disk, self._folder / "image", self._found.order.disk_format)
            finally:
                shutil.rmtree(efi, ignore_errors=True)
        return self._written[image]
