"""Builds and removals keep out of each other's way: a build needs what it has found, however long it takes.

A build notes that it runs; who removes keeps new builds from beginning and waits for those that run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from toe.images.store import Store
from toe.system.cancellation import Cancellation

_REMOVAL = "removal"


@contextmanager
def build_runs(
    store: Store, build: str, cancellation: Cancellation, waits: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Nothing is removed within the block. Raises what `Locks.held` does."""
    with ExitStack() as running:
        with store.locks.held(_REMOVAL, cancellation, waits):
            running.enter_context(store.running.held(build, cancellation))
        yield


@contextmanager
def removal(store: Store, cancellation: Cancellation, waits: Callable[[], object] = lambda: None) -> Iterator[None]:
    """No build runs within the block, and nobody else removes. `waits` is called where something must end first."""
    with store.locks.held(_REMOVAL, cancellation, waits):
        for build in store.running.names():
            with store.running.held(build, cancellation, waits):
                pass
        yield
