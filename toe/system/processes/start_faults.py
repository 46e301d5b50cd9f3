"""Why a program cannot be started, in words: the system's error is often that of another file, or of its first line."""

from __future__ import annotations

import errno
import os
import stat
import struct
import sys
from collections.abc import Mapping, Sequence

from toe.system.files.opening import reason
from toe.system.files.path_faults import dangling_link, fault_on_the_way

_HEAD_BYTES = 4096
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FOREIGN = {
    b"MZ": "it is a program for Windows",
    b"\xcf\xfa\xed\xfe": "it is a program for macOS",
    b"\xca\xfe\xba\xbe": "it is a program for macOS, or a Java class",
    b"PK\x03\x04": "it is an archive",
}
_ELF = b"\x7fELF"
_LOADER_SEGMENT = 3
#: e_machine of the processors that Linux distributions are made for, by the names that `uname -m` has for them.
_PROCESSORS = {
    3: "i686",
    8: "mips",
    20: "ppc",
    21: "ppc64le",
    22: "s390x",
    40: "armv7l",
    62: "x86_64",
    183: "aarch64",
    243: "riscv64",
    258: "loongarch64",
}
_TO_LINUX = r"convert it: sed -i 's/\r$//' FILE"


def why_not_started(argv: Sequence[str], error: OSError, environment: Mapping[str, str]) -> str:
    """The cause of `error`, which starting `argv` gave, with a way out where there is one."""
    name = argv[0] if argv else ""
    path = name if "/" in name or "\\" in name else _found(name, environment)
    if not path:
        return _not_found(name, environment) if error.errno == errno.ENOENT else reason(error)
    explain = _CAUSES.get(error.errno or 0)
    cause = explain(path) if explain else ""
    if error.errno == errno.E2BIG:
        cause = _too_long(argv, environment)
    return cause or reason(error)


def _found(name: str, environment: Mapping[str, str]) -> str:
    """The file that a name without a slash means, whether it may be run or not; "" for none."""
    folders = (environment.get("PATH") or os.defpath).split(os.pathsep)
    files = [path for folder in folders if folder and os.path.isfile(path := os.path.join(folder, name))]
    return next((path for path in files if os.access(path, os.X_OK)), files[0] if files else "")


def _not_found(name: str, environment: Mapping[str, str]) -> str:
    here = f" (the one in the working directory is './{name}')" if name and os.path.isfile(name) else ""
    way_out = "; install bash, or have ExecuteBinary run another shell" if name == "bash" else ""
    return f"it is not found on PATH, which is '{environment.get('PATH') or os.defpath}'{here}{way_out}"


def _missing(path: str) -> str:
    """ENOENT: of the file itself, or of what is to interpret or to load it."""
    if not os.path.exists(path):
        return dangling_link(path) or fault_on_the_way(path, errno.ENOENT) or "there is no such file"
    head = _head(path)
    if head.startswith(b"#!"):
        interpreter = _interpreter(head)
        if interpreter.endswith("\r"):
            asks = f"asks for '{interpreter[:-1]}\\r'"
            return f"its lines end in CRLF, as on Windows, so that its first line {asks} ({_TO_LINUX})"
        return f"its first line asks for the interpreter '{interpreter}', which does not exist"
    loader = _loader_of(path)
    if loader and not os.path.exists(loader):
        return f"it is made for another system: its loader '{loader}' does not exist here"
    return ""


def _no_program(path: str) -> str:
    """ENOEXEC: the system does not know what to do with the file."""
    head = _head(path)
    if not head:
        return "the file is empty"
    if head.startswith(_BYTE_ORDER_MARK + b"#!"):
        return "a byte-order mark stands before its '#!' (save it as UTF-8 without one)"
    if head.startswith(b"#!"):
        return f"the interpreter '{_interpreter(head)}' that its first line asks for is no program"
    machine = _architecture(head)
    if machine and machine != _this_architecture():
        return f"it is made for another processor ({machine}; this one is {_this_architecture()})"
    foreign = next((said for magic, said in _FOREIGN.items() if head.startswith(magic)), "")
    if foreign or machine or b"\0" in head:
        return foreign or "it is no program that this system can run, or a damaged one"
    return "it has no first line such as '#!/bin/bash' that names its interpreter (add one, or run it by ExecuteBash)"


def _forbidden(path: str) -> str:
    """EACCES: of the file, of a folder on the way, of its interpreter, or of the whole file system."""
    try:
        status = os.stat(path)
    except OSError as error:
        return fault_on_the_way(path, error.errno)
    if not stat.S_ISREG(status.st_mode):
        return "it is a folder" if stat.S_ISDIR(status.st_mode) else "it is no file"
    if not os.access(path, os.X_OK):
        return _not_executable(path, "it")
    head = _head(path)
    interpreter = _interpreter(head) if head.startswith(b"#!") else ""
    if interpreter and not os.access(interpreter, os.X_OK):
        return _not_executable(interpreter, f"the interpreter '{interpreter}' that its first line asks for")
    return ""


def _not_executable(path: str, what: str) -> str:
    # access() says no on such a file system whatever the permissions are
    if sys.platform == "linux" and os.statvfs(path).f_flag & os.ST_NOEXEC:
        return f"{what} lies on a file system that allows no programs (mounted with 'noexec')"
    return f"{what} is not executable (chmod +x)"


def _busy(path: str) -> str:
    return "somebody has it open for writing"


def _too_long(argv: Sequence[str], environment: Mapping[str, str]) -> str:
    longest = max(map(_length, argv))
    variables = sum(_length(name) + _length(value) for name, value in environment.items())
    given = sum(map(_length, argv))
    return (
        f"its arguments ({given} bytes, the longest {longest}) and the environment ({variables} bytes) "
        "are more than this system takes"
    )


def _length(text: str) -> int:
    return len(os.fsencode(text)) + 1


def _head(path: str) -> bytes:
    """The first bytes of the file; b"" where it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""


def _interpreter(head: bytes) -> str:
    """What stands behind `#!` up to the first blank, with the CR of a CRLF that ends it."""
    line = head[2:].split(b"\n", 1)[0].strip(b" \t")
    word = line.replace(b"\t", b" ").split(b" ", 1)[0]
    return os.fsdecode(word)


def _architecture(head: bytes) -> str:
    """The processor that an ELF file is made for, from its first bytes; "" for any other file."""
    if not head.startswith(_ELF) or len(head) < 20:
        return ""
    (machine,) = struct.unpack_from(_order(head) + "H", head, 18)
    return _PROCESSORS.get(machine, f"number {machine}")


def _this_architecture() -> str:
    """The processor of this machine."""
    return os.uname().machine if hasattr(os, "uname") else ""


def _loader_of(path: str) -> str:
    """The program that must load a dynamically linked ELF file; "" where there is none."""
    try:
        with open(path, "rb") as file:
            head = file.read(64)
            if not head.startswith(_ELF):
                return ""
            order, wide = _order(head), head[4] == 2
            (table,) = struct.unpack_from(order + ("Q" if wide else "I"), head, 32 if wide else 28)
            size, count = struct.unpack_from(order + "HH", head, 54 if wide else 42)
            for number in range(count):
                file.seek(table + number * size)
                entry = file.read(56 if wide else 32)
                if struct.unpack_from(order + "I", entry)[0] == _LOADER_SEGMENT:
                    offset, length = struct.unpack_from(order + ("8xQ16xQ" if wide else "4xI8xI"), entry)
                    file.seek(offset)
                    return os.fsdecode(file.read(min(length, 4096)).split(b"\0")[0])
    except (OSError, struct.error):
        pass
    return ""


def _order(head: bytes) -> str:
    return ">" if head[5] == 2 else "<"


_CAUSES = {
    errno.ENOENT: _missing,
    errno.ENOTDIR: lambda path: fault_on_the_way(path, errno.ENOTDIR),
    errno.ENOEXEC: _no_program,
    errno.EACCES: _forbidden,
    errno.ETXTBSY: _busy,
}
