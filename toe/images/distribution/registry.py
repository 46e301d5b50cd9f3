"""Container images to registries by skopeo: the same manifest everywhere, first by its digest, then by its tags."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from toe.images.distribution.artifacts import name_manifest
from toe.images.distribution.ledger import Ledger
from toe.images.distribution.model import Source, Target
from toe.images.engines.words import plain, tls
from toe.images.skopeo import RETRIES, address, has_manifest, skopeo, stored
from toe.system.cancellation import Cancellation

_MANIFEST = "manifest.json"


class Registry:
    """Sends a container image to registries. `folder` is where its copy lies meanwhile, made when it is needed."""

    def __init__(self, source: Source, ledger: Ledger, folder: str, cancellation: Cancellation) -> None:
        self._source = source
        self._ledger = ledger
        self._copy = os.path.join(folder, "image")
        self._cancellation = cancellation

    def has(self, target: Target) -> bool:
        """See `Sender.has`."""
        digest = self._ledger.digest
        return bool(digest) and has_manifest(target.place, digest, self._cancellation)

    def send(self, target: Target) -> str:
        """See `Sender.send`. The digest is verified by the registry."""
        digest = self._copied()
        how = ("--preserve-digests", *RETRIES, *tls(target.place, "dest-"))
        to = address(target.place, digest)
        skopeo("copy", "--quiet", *how, f"dir:{self._copy}", to, cancellation=self._cancellation)
        return digest

    def announce(self, target: Target) -> str:
        """See `Sender.announce`. The manifest gets each tag in one step."""
        digest = self._ledger.digest
        name_manifest(target.place, digest, target.names, self._cancellation)
        return f"{target.place}@{digest}"

    def _copied(self) -> str:
        """Have the image in the folder, compressed once for all registries, and return its digest."""
        if not os.path.isdir(self._copy):
            half = f"{self._copy}.half"
            shutil.rmtree(half, ignore_errors=True)
            copy_local(self._source, f"dir:{half}", self._cancellation, "--dest-compress")
            os.rename(half, self._copy)
        digest = "sha256:" + hashlib.sha256(Path(self._copy, _MANIFEST).read_bytes()).hexdigest()
        if digest != self._ledger.digest:
            self._ledger.note_digest(digest)
        return digest


def copy_local(source: Source, target: str, cancellation: Cancellation, *how: str) -> None:
    """Copy an image of this machine's storage to what skopeo calls `target`, such as `dir:PATH`. Raises ToeError."""
    skopeo("copy", "--quiet", *how, stored(source.engine, plain(source.image)), target, cancellation=cancellation)
