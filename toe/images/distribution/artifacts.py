"""Files in registries, as ORAS has them: a manifest that names them as its layers. skopeo pushes a folder with both.

https://github.com/opencontainers/image-spec/blob/main/manifest.md (guidelines for artifacts) and image-layout.md.
The same files give the same manifest, so that the registry is asked by its digest what it has.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from toe.errors import ToeError
from toe.images.engines.words import tls
from toe.images.skopeo import RETRIES, address, skopeo
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
#: What `oras pull` calls the file.
TITLE = "org.opencontainers.image.title"
#: The configuration of what needs none.
_EMPTY = b"{}"
_EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
_NAME = "artifact"


class Layer(NamedTuple):
    """A file of an artifact: `sha256` in hex digits, `size` in bytes, its type by RFC 6838."""

    path: str
    sha256: str
    size: int
    media_type: str
    annotations: Mapping[str, str] = MappingProxyType({})


class Manifest(NamedTuple):
    """What is pushed under its `digest`, `sha256:...`; `size` in bytes."""

    data: bytes

    @property
    def digest(self) -> str:
        """Its name in registries."""
        return f"sha256:{hashlib.sha256(self.data).hexdigest()}"

    @property
    def described(self) -> dict[str, Any]:
        """How others name it."""
        return _described(MANIFEST_TYPE, self.data)


def manifest_of(
    kind: str,
    layers: Sequence[Layer],
    annotations: Mapping[str, str] | None = None,
    subject: Mapping[str, Any] | None = None,
) -> Manifest:
    """The manifest of an artifact; `kind` is its own type, `subject` describes the manifest that it is about."""
    content: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "artifactType": kind,
        "config": _described(_EMPTY_TYPE, _EMPTY),
        "layers": [
            {
                "mediaType": one.media_type,
                "digest": f"sha256:{one.sha256}",
                "size": one.size,
                "annotations": dict(one.annotations),
            }
            for one in layers
        ],
    }
    if subject:
        content["subject"] = dict(subject)
    if annotations:
        content["annotations"] = dict(annotations)
    return Manifest(json.dumps(content, sort_keys=True, separators=(",", ":")).encode())


def push_artifact(
    manifest: Manifest, layers: Sequence[Layer], target: str, folder: str, cancellation: Cancellation
) -> None:
    """Have a registry have an artifact as `target`, `host/path@digest` or `host/path:tag`; it verifies all digests.

    What it has is not sent again. `folder` is made anew and holds no copy of the files. Raises ToeError, Interrupted.
    """
    _lay_out(manifest, layers, folder)
    how = ("--preserve-digests", *RETRIES, *tls(target, "dest-"))
    skopeo("copy", "--quiet", *how, f"oci:{folder}:{_NAME}", f"docker://{target}", cancellation=cancellation)


def name_manifest(place: str, digest: str, tags: Sequence[str], cancellation: Cancellation) -> None:
    """Have tags mean a manifest of their repository, each in one step. Raises ToeError, Interrupted."""
    how = ("--preserve-digests", *RETRIES, *tls(place, "src-"), *tls(place, "dest-"))
    for tag in tags:
        cancellation.check()
        skopeo("copy", "--quiet", *how, address(place, digest), f"docker://{place}:{tag}", cancellation=cancellation)


def _lay_out(manifest: Manifest, layers: Sequence[Layer], folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    blobs = os.path.join(folder, "blobs", "sha256")
    index = {
        "schemaVersion": 2,
        "manifests": [{**manifest.described, "annotations": {"org.opencontainers.image.ref.name": _NAME}}],
    }
    try:
        os.makedirs(blobs)
        for one in layers:
            os.symlink(os.path.abspath(one.path), os.path.join(blobs, one.sha256))
        for data in (_EMPTY, manifest.data):
            _write(os.path.join(blobs, hashlib.sha256(data).hexdigest()), data)
        _write(os.path.join(folder, "oci-layout"), b'{"imageLayoutVersion":"1.0.0"}')
        _write(os.path.join(folder, "index.json"), json.dumps(index).encode())
    except OSError as error:
        raise ToeError(f"cannot write '{folder}': {error.strerror}", exit_code=1) from error


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)


def _described(media_type: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": f"sha256:{hashlib.sha256(data).hexdigest()}", "size": len(data)}
