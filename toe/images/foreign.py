"""Images for another processor than this machine's: what they need here, and whether a base is one of them.

`toe` itself is a program of this machine in their containers, and runs as it is; the programs of the image are
translated by qemu, which Linux starts for them (binfmt_misc).
"""

from __future__ import annotations

import re
from pathlib import Path

from toe.errors import ToeError

_FORM = re.compile(r"[a-z0-9]+/[a-z0-9]+(?:/[a-z0-9]+)?")
_ENTRIES = Path("/proc/sys/fs/binfmt_misc")
#: qemu's names of processors, by those of images.
_QEMU = {"amd64": "x86_64", "arm64": "aarch64", "386": "i386", "mips64le": "mips64el"}
#: What a processor runs beside its own programs.
_OLDER = {"amd64": ("386",), "arm64": ("arm",)}


def require_runnable(wanted: str, own: str, entries: Path = _ENTRIES) -> None:
    """Whether programs of a platform, such as `linux/arm64`, run on this machine, which is `own`. Raises ToeError."""
    if not _FORM.fullmatch(wanted):
        raise ToeError(f"'{wanted}' is no platform", hint="for example linux/arm64")
    system, processor = wanted.split("/")[:2]
    if system != "linux":
        raise ToeError(f"'{wanted}': containers are built for Linux alone")
    own_processor = own.split("/")[1]
    if processor in (own_processor, *_OLDER.get(own_processor, ())):
        return
    name = f"qemu-{_QEMU.get(processor, processor)}"
    try:
        entry = (entries / name).read_text()
    except OSError as error:
        where = f"for Linux to know it, {entries / name} has to be there (systemctl restart systemd-binfmt)"
        hint = f"apt-get install qemu-user-static; {where}"
        raise ToeError(f"this machine ({own}) runs no programs of {wanted}", hint=hint) from error
    if not entry.startswith("enabled") or not re.search(r"^flags:.*F", entry, re.MULTILINE):
        hint = "it has to be enabled, and of the flag F, as that of qemu-user-static is"
        raise ToeError(f"{entries / name} does not work in containers", hint=hint)


def require_same(image: str, has: str, wanted: str) -> None:
    """Whether an image, which is for the platform `has`, is for the wanted one, variants aside. Raises ToeError."""
    if has.split("/")[:2] != wanted.split("/")[:2]:
        hint = f"remove that image, so that the one for {wanted} is fetched, or name another one"
        raise ToeError(f"the local image '{image}' is for {has}, and not for {wanted}", hint=hint)
