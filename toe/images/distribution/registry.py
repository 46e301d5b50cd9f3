"""Container images to registries by skopeo: the same manifest everywhere, first by its digest, then by its tags.

skopeo finds credentials and certificates where podman and docker keep them (`REGISTRY_AUTH_FILE`, `docker login`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from toe.errors import ToeError
from toe.images.distribution.ledger import Ledger
from toe.images.distribution.model import Source, Target
from toe.images.engines.commands import asked
from toe.images.engines.docker import DOCKER
from toe.images.engines.words import plain
from toe.system.cancellation import Cancellation

_SKOPEO = "skopeo"
#: How often a connection that breaks is made anew.
_RETRIES = "3"
_MANIFEST = "manifest.json"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Registry:
    """Sends a container image to registries. `folder` is where its copy lies meanwhile, made when it is needed.

    Registries without TLS are taken on this machine itself, as docker does, and where registries.conf says so.
    """

    def __init__(self, source: Source, ledger: Ledger, folder: str, cancellation: Cancellation) -> None:
        self._source = source
        self._ledger = ledger
        self._copy = os.path.join(folder, "image")
        self._cancellation = cancellation

    def has(self, target: Target) -> bool:
        """See `Sender.has`."""
        digest = self._ledger.digest
        if not digest:
            return False
        try:
            self._skopeo("inspect", "--raw", *_tls(target.place, ""), _address(target.place, digest))
        except ToeError:
            return False  # that nobody answers is told by what follows
        return True

    def send(self, target: Target) -> str:
        """See `Sender.send`. The digest is verified by the registry."""
        digest = self._copied()
        how = ("--preserve-digests", "--retry-times", _RETRIES, *_tls(target.place, "dest-"))
        self._skopeo("copy", "--quiet", *how, f"dir:{self._copy}", _address(target.place, digest))
        return digest

    def announce(self, target: Target) -> str:
        """See `Sender.announce`. The manifest gets each tag in one step."""
        digest = self._ledger.digest
        how = (
            "--preserve-digests",
            "--retry-times",
            _RETRIES,
            *_tls(target.place, "src-"),
            *_tls(target.place, "dest-"),
        )
        for tag in target.names:
            self._cancellation.check()
            self._skopeo("copy", "--quiet", *how, _address(target.place, digest), f"docker://{target.place}:{tag}")
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

    def _skopeo(self, *words: str) -> str:
        return _skopeo(*words, cancellation=self._cancellation)


def copy_local(source: Source, target: str, cancellation: Cancellation, *how: str) -> None:
    """Copy an image of this machine's storage to what skopeo calls `target`, such as `dir:PATH`. Raises ToeError."""
    image = plain(source.image)
    here = f"docker-daemon:sha256:{image}" if source.engine == DOCKER else f"containers-storage:{image}"
    _skopeo("copy", "--quiet", *how, here, target, cancellation=cancellation)


def _skopeo(*words: str, cancellation: Cancellation) -> str:
    if shutil.which(_SKOPEO) is None:
        raise ToeError("'skopeo' is not installed", hint="apt-get install skopeo, or dnf install skopeo")
    return asked(_SKOPEO, *words, cancellation=cancellation)


def _address(place: str, digest: str) -> str:
    return f"docker://{place}@{digest}"


def _tls(place: str, side: str) -> Sequence[str]:
    """The option for a registry of this machine itself. `side` is `src-`, `dest-` or ""."""
    host = place.partition("/")[0].rpartition(":")[0] or place.partition("/")[0]
    return (f"--{side}tls-verify=false",) if host in _LOOPBACK else ()
