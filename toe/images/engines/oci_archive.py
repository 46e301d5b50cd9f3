"""An image of layers that the engine has already, as an archive: configuration and manifest, and no layer.

podman and buildah take a layer that they have by its digest, and never look for its file. So an image gets exactly this
configuration, which the commands of an engine cannot always give it.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, BinaryIO

_TYPES = "application/vnd.oci.image"
#: https://github.com/opencontainers/image-spec/blob/main/annotations.md
_NAME = "org.opencontainers.image.ref.name"
_NONE: Mapping[str, str] = MappingProxyType({})


def write_archive(
    file: BinaryIO, configuration: Mapping[str, Any], name: str, annotations: Mapping[str, str] = _NONE
) -> None:
    """Write an OCI image layout as a tar archive; `name` is what the image is called in it.

    `configuration` is that of the OCI's image specification; the layers are those of its `rootfs`. `annotations` are
    the manifest's.
    """
    config, config_data = _blob(f"{_TYPES}.config.v1+json", configuration)
    layer_type = f"{_TYPES}.layer.v1.tar"
    digests = configuration["rootfs"]["diff_ids"]
    layers = [{"mediaType": layer_type, "digest": digest, "size": 0} for digest in digests]
    kind = f"{_TYPES}.manifest.v1+json"
    noted = {"annotations": annotations} if annotations else {}
    content = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers, **noted}
    manifest, manifest_data = _blob(kind, content)
    index = {"schemaVersion": 2, "manifests": [{**manifest, "annotations": {_NAME: name}}]}
    with tarfile.open(fileobj=file, mode="w") as archive:
        _add(archive, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        _add(archive, "index.json", json.dumps(index).encode())
        for entry, data in ((config, config_data), (manifest, manifest_data)):
            _add(archive, f"blobs/{entry['digest'].replace(':', '/')}", data)


def _blob(media_type: str, content: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """How something is referred to, and its bytes."""
    data = json.dumps(content, separators=(",", ":")).encode()
    return {"mediaType": media_type, "digest": f"sha256:{sha256(data).hexdigest()}", "size": len(data)}, data


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))
