"""Which disk is the newest: a small file beside the disks, written in one step when all targets have the new one."""

from __future__ import annotations

import json

from toe.images.distribution.disks import File
from toe.images.distribution.model import Source
from toe.images.distribution.naming import build_date, in_files


def pointer_name(source: Source) -> str:
    """What the file is called: `web.latest.json`."""
    return f"{in_files(source.name)}.latest.json"


def pointer_text(source: Source, name: str, kind: str, file: File) -> str:
    """What the file says: the disk's name beside it, its format, digest and size in bytes, and which image it is."""
    return (
        json.dumps(
            {
                "name": source.name,
                "version": source.version,
                "build": source.build,
                "buildDate": build_date(source.made_at),
                "file": name,
                "format": kind,
                "sha256": file.sha256,
                "size": file.size,
            },
            indent=1,
        )
        + "\n"
    )
