"""Distributes an image: plan, senders and ledger put together. What people see of it is elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from toe.errors import ToeError
from toe.images.distribution.disk_registry import DiskRegistry
from toe.images.distribution.disks import Disk
from toe.images.distribution.folder import Folder
from toe.images.distribution.ledger import Ledger
from toe.images.distribution.model import FOLDER, ORAS, REGISTRY, S3, Plan, Source
from toe.images.distribution.object_store import ObjectStore
from toe.images.distribution.parameters import set_parameter
from toe.images.distribution.registry import Registry
from toe.images.distribution.sending import Distributed, Sender, Telling, send_all
from toe.images.locks import Locks
from toe.images.store import Store
from toe.system.cancellation import Cancellation


def distribute(source: Source, plan: Plan, store: Store, cancellation: Cancellation, telling: Telling) -> Distributed:
    """Send the image to all targets of the plan and announce it there; what failed is in the result.

    Nobody else distributes the same image meanwhile. Raises Interrupted: then nothing was announced, or all that was is
    whole; the next run goes on. Raises ToeError where the store cannot be written.
    """
    with _working(source, store, cancellation) as folder:
        ledger = Ledger(store, source)
        disk = Disk(source, folder, cancellation)
        senders: Mapping[str, Sender] = {
            REGISTRY: Registry(source, ledger, folder, cancellation),
            FOLDER: Folder(source, disk, cancellation),
            S3: ObjectStore(source, disk, cancellation),
            ORAS: DiskRegistry(source, disk, folder, cancellation),
        }
        return send_all(plan, senders, set_parameter, ledger, cancellation, telling)


@contextmanager
def _working(source: Source, store: Store, cancellation: Cancellation) -> Iterator[str]:
    """A folder for this distribution alone, gone behind it; those of killed ones go first."""
    locks = Locks(os.path.join(store.folder, "distributing"))
    for build in locks.abandoned():
        _remove_works(store, build)
    store.clean()
    with locks.held(source.build, cancellation):
        try:
            # what a killed run has started may still write to its own
            folder = mkdtemp(prefix=_work_name(source.build), dir=store.folder)
        except OSError as error:
            raise ToeError(f"cannot make a folder in '{store.folder}': {error.strerror}", exit_code=1) from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_works(store: Store, build: str) -> None:
    for folder in Path(store.folder).glob(f"{_work_name(build)}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _work_name(build: str) -> str:
    return f"distributing-{build}-"
