"""A database of vulnerabilities for trivy, made here: a file of bbolt with buckets as trivy-db has them.

https://github.com/etcd-io/bbolt/blob/main/README.md and https://github.com/aquasecurity/trivy-db: that a package has a
flaw stands in `debian 12` > PACKAGE > CVE, what the flaw is in `vulnerability` > CVE.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from struct import pack
from typing import Any

_PAGE = 4096
_LEAF, _META, _FREELIST = 0x02, 0x04, 0x10
_BUCKET = 0x01
_MAGIC, _VERSION = 0xED0CDAED, 2
#: As many pages as bbolt maps at least.
_PAGES = 64

#: Names -> texts, or further buckets.
Bucket = Mapping[str, Any]


def write_database(folder: Path, flaws: Mapping[str, Mapping[str, str]]) -> None:
    """The cache folder of trivy with a database that lasts: package of Debian 12 -> flaw -> severity, such as HIGH."""
    rank = ("UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL")
    source = {"ID": "debian", "Name": "Debian Security Tracker", "URL": "https://salsa.debian.org/security-tracker"}
    details = {
        flaw: json.dumps({"Title": flaw, "VendorSeverity": {"nvd": rank.index(severity)}})
        for found in flaws.values()
        for flaw, severity in found.items()
    }
    advisories = {
        package: {flaw: json.dumps({"FixedVersion": "9.9-1"}) for flaw in found} for package, found in flaws.items()
    }
    place = folder / "db"
    place.mkdir(parents=True)
    content = {"data-source": {"debian 12": json.dumps(source)}, "debian 12": advisories, "vulnerability": details}
    (place / "trivy.db").write_bytes(bolt_file(content))
    far = "2120-01-01T00:00:00Z"
    (place / "metadata.json").write_text(
        json.dumps({"Version": 2, "NextUpdate": far, "UpdatedAt": "2026-11-29T00:00:00Z", "DownloadedAt": far})
    )


def bolt_file(root: Bucket) -> bytes:
    """A file of bbolt in which each bucket has one page."""
    pages: dict[int, bytes] = {2: _page(2, _FREELIST, 0, b"")}
    top = _put(root, pages)
    high = max(pages) + 1
    assert high < _PAGES
    for number in (0, 1):
        meta = pack("<IIIIQQQQQ", _MAGIC, _VERSION, _PAGE, 0, top, 0, 2, high, number)
        pages[number] = _page(number, _META, 0, meta + pack("<Q", _fnv(meta)))
    return b"".join(pages.get(number, b"").ljust(_PAGE, b"\0") for number in range(_PAGES))


def _put(bucket: Bucket, pages: dict[int, bytes]) -> int:
    """Have a page for a bucket and one for each below it; returns the number of its own."""
    number = max(pages) + 1
    pages[number] = b""
    items = []
    for key in sorted(bucket, key=str.encode):
        value = bucket[key]
        is_text = isinstance(value, str)
        items.append(
            (0 if is_text else _BUCKET, key.encode(), value.encode() if is_text else pack("<QQ", _put(value, pages), 0))
        )
    heads, data = b"", b""
    for index, (flags, name, value) in enumerate(items):
        position = (len(items) - index) * 16 + len(data)
        heads += pack("<IIII", flags, position, len(name), len(value))
        data += name + value
    pages[number] = _page(number, _LEAF, len(items), heads + data)
    return number


def _page(number: int, flags: int, count: int, content: bytes) -> bytes:
    page = pack("<QHHI", number, flags, count, 0) + content
    assert len(page) <= _PAGE
    return page


def _fnv(data: bytes) -> int:
    """FNV-1a of 64 bits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) % (1 << 64)
    return value
