"""Disks to registries, as ORAS pushes files: `oras pull` and skopeo get them back, under the disk's own name."""

from __future__ import annotations

import os

from toe.images.distribution.artifacts import TITLE, Layer, Manifest, manifest_of, name_manifest
from toe.images.distribution.artifacts import push_artifact as push
from toe.images.distribution.disks import Disk
from toe.images.distribution.model import Source, Target
from toe.images.distribution.naming import build_date
from toe.images.skopeo import has_manifest
from toe.system.cancellation import Cancellation

#: What the artifact is; the disk's own type says its format as well.
DISK_TYPE = "application/vnd.toe.disk.v1"


class DiskRegistry:
    """Sends a disk to registries. `folder` is where what skopeo reads lies meanwhile; the disk itself stays."""

    def __init__(self, source: Source, disk: Disk, folder: str, cancellation: Cancellation) -> None:
        self._source = source
        self._disk = disk
        self._folder = os.path.join(folder, "artifact")
        self._cancellation = cancellation

    def has(self, target: Target) -> bool:
        """See `Sender.has`."""
        return has_manifest(target.place, self._made(target)[0].digest, self._cancellation)

    def send(self, target: Target) -> str:
        """See `Sender.send`. The digests are verified by the registry."""
        manifest, layer = self._made(target)
        push(manifest, [layer], f"{target.place}@{manifest.digest}", self._folder, self._cancellation)
        return manifest.digest

    def announce(self, target: Target) -> str:
        """See `Sender.announce`."""
        digest = self._made(target)[0].digest
        name_manifest(target.place, digest, target.names, self._cancellation)
        return f"{target.place}@{digest}"

    def _made(self, target: Target) -> tuple[Manifest, Layer]:
        file = self._disk.file(target.format)
        title = {TITLE: f"{target.names[0]}.{target.format}"}
        layer = Layer(file.path, file.sha256, file.size, f"{DISK_TYPE}.{target.format}", title)
        annotations = {
            "org.opencontainers.image.title": self._source.name,
            "org.opencontainers.image.version": self._source.version,
            "dev.toe.build": self._source.build,
            "dev.toe.build-date": build_date(self._source.made_at),
        }
        return manifest_of(DISK_TYPE, [layer], annotations), layer
