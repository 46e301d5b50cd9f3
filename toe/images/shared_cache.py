"""The cache that machines share by a registry: layers go to REGISTRY/toe-cache:KEY, and come by their digests alone.

A registry is not trusted: which digest belongs to a key says the lock file (toe.images.lock_file). A tag keeps a
registry from removing the layer, and is never asked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from toe.errors import ToeError
from toe.images.engines.words import plain, tls
from toe.images.engines.work_folders import work_folder
from toe.images.lock_file import SharedLayer, lock_beside, read_lock, write_lock
from toe.images.records import LayerRecord
from toe.images.skopeo import RETRIES, address, has_manifest, skopeo, stored
from toe.images.store import Store
from toe.system.cancellation import Cancellation

_REPOSITORY = "toe-cache"
_REGISTRY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*")
#: What registries answer that work, and do not have an image.
_UNKNOWN = re.compile(r"manifest unknown|name unknown|not found", re.IGNORECASE)


def repository_in(registry: str) -> str:
    """The repository of the cache in a registry. Raises ToeError for what is no name of one."""
    if not _REGISTRY.fullmatch(registry.rstrip("/")):
        hint = "for example registry.example.com/team"
        raise ToeError(f"'{registry}' is no name of a registry", hint=hint)
    return f"{registry.rstrip('/')}/{_REPOSITORY}"


class SharedCache:
    """Gives layers of a registry. What does not work there is reported, once, and is no fault of the build."""

    def __init__(
        self, registry: str, recipe: str, engine: str, cancellation: Cancellation, report: Callable[[str], None]
    ) -> None:
        self._repository = repository_in(registry)
        self._engine = engine
        self._cancellation = cancellation
        self._report = report
        self._layers = read_lock(lock_beside(recipe))
        self._there: set[str] = set()
        self._refused: set[str] = set()
        self._is_down = False
        if not self._layers:
            report(f"toe: warning: '{lock_beside(recipe)}' names no layers: none is taken from {self._repository}")

    def find(self, key: str) -> SharedLayer | None:
        """The layer of a key, if its digest is known and the registry has it."""
        layer = self._layers.get(key)
        if layer is None or key in self._refused or self._is_down:
            return None
        if key in self._there:
            return layer
        manifest = address(self._repository, layer.manifest)
        try:
            self._ask("inspect", "--raw", *RETRIES, *tls(self._repository), manifest)
        except ToeError as error:
            self._refuse(key, layer, error)
            return None
        self._there.add(key)
        return layer

    def fetch(self, key: str, layer: SharedLayer, name: str) -> bool:
        """Have the image of a layer here by a name; whether that was done. Raises Interrupted."""
        source, target = address(self._repository, layer.manifest), stored(self._engine, name)
        try:
            self._ask("copy", "--quiet", *RETRIES, *tls(self._repository, "src-"), source, target)
        except ToeError as error:
            self._refuse(key, layer, error)
            return False
        return True

    def refuse(self, key: str, layer: SharedLayer, why: str) -> None:
        """Take the layer of a key from the registry no more, and say why."""
        self._refused.add(key)
        self._report(f"toe: warning: {layer.step}: not taken from {self._repository}: {why}")

    def _refuse(self, key: str, layer: SharedLayer, error: ToeError) -> None:
        if _UNKNOWN.search(error.message):
            self.refuse(key, layer, f"it has no image of the recorded digest {layer.manifest}")
        else:
            self._is_down = True
            self._report(f"toe: warning: the build goes on without {self._repository}: {error.in_one_line}")

    def _ask(self, *words: str) -> str:
        return skopeo(*words, cancellation=self._cancellation)


def push_layers(
    registry: str,
    recipe: str,
    engine: str,
    records: Iterable[LayerRecord],
    oldest: float,
    store: Store,
    cancellation: Cancellation,
) -> int:
    """Have a registry hold layers, and the file beside the recipe know them; layers made before `oldest` leave it.

    Returns how many it lacked. What was pushed is in the file also where the rest fails. Raises ToeError with exit code
    1, and Interrupted.
    """
    repository, path = repository_in(registry), lock_beside(recipe)
    known, pushed = read_lock(path), {}
    try:
        for record in records:
            cancellation.check()
            layer = known.get(record.key)
            is_same = layer is not None and layer.image == record.image
            if layer is None or not is_same or not has_manifest(repository, layer.manifest, cancellation):
                manifest = _push(record, repository, engine, cancellation)
                pushed[record.key] = SharedLayer(record.step, record.image, manifest, record.made_at)
    finally:
        if pushed:
            lock = hashlib.sha256(str(Path(path).resolve()).encode()).hexdigest()
            with store.locks.held(f"shared-{lock}", cancellation):
                layers = {**read_lock(path), **pushed}
                write_lock(path, {key: one for key, one in layers.items() if one.made_at >= oldest})
    return len(pushed)


def _push(record: LayerRecord, repository: str, engine: str, cancellation: Cancellation) -> str:
    """Push the image of a layer; the digest of its manifest."""
    with work_folder() as folder:
        digest = folder / "digest"
        how = ("--digestfile", str(digest), *RETRIES, *tls(repository, "dest-"))
        target = f"docker://{repository}:{record.key}"
        skopeo("copy", "--quiet", *how, stored(engine, plain(record.image)), target, cancellation=cancellation)
        return digest.read_text().strip()
