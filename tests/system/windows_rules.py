"""A Python that obeys some of Windows' rules on Linux; run as a program, it is `toe` with them.

It shows that toe calls nothing that Windows lacks, opens no folder, moves, replaces and deletes no file that it has
open, renames nothing onto what exists, writes no file in text mode, makes no name that Windows refuses, and takes its
Windows branches. It shows nothing of Windows itself: paths
are Linux's, programs are started by a stand-in, and what Windows' libraries answer is made up here.
"""

from __future__ import annotations

import ctypes
import errno
import importlib
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import IO, Any

#: What Windows has no module for.
LACKING_MODULES = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty")
#: What `os` has not on Windows (typeshed's list, as far as toe could think of it).
LACKING_NAMES = (
    *("O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "WNOHANG", "POSIX_SPAWN_OPEN", "POSIX_SPAWN_DUP2"),
    *("chown", "fchown", "lchown", "fchmod", "chroot", "fork", "forkpty", "openpty", "getuid", "geteuid", "getgid"),
    *("getegid", "getgroups", "getpgid", "getpgrp", "getsid", "setsid", "setuid", "seteuid", "killpg", "mkfifo"),
    *("mknod", "nice", "pidfd_open", "posix_fadvise", "posix_fallocate", "posix_spawn", "posix_spawnp", "pread"),
    *("preadv", "pwrite", "pwritev", "fdatasync", "sync", "statvfs", "fstatvfs", "getxattr", "setxattr", "listxattr"),
    *("uname", "wait", "waitid", "wait3", "wait4", "sendfile", "copy_file_range", "memfd_create", "sched_yield"),
    *("fchdir", "ctermid", "getloadavg", "getresuid", "setresuid", "splice", "eventfd", "get_blocking", "set_blocking"),
)
LACKING_SIGNALS = (
    "SIGKILL",
    "SIGHUP",
    "SIGCONT",
    "SIGSTOP",
    "SIGURG",
    "SIGXFSZ",
    "SIGPIPE",
    "SIGUSR1",
    "pthread_sigmask",
)
#: Modules that other modules import when they are first needed: they must find a Linux.
NEEDED_BEFORE = (
    *("asyncio", "concurrent.futures", "getpass", "gzip", "hashlib", "http.client", "importlib.metadata", "json"),
    *("lzma", "multiprocessing", "platform", "queue", "selectors", "shutil", "socket", "sqlite3", "ssl", "tempfile"),
    *("urllib.request", "uuid", "yaml", "click", "urllib3", "jsonschema", "re2"),
)
#: Numbers of `winreg` that toe uses; the registry itself is empty.
REGISTRY_NAMES = ("HKEY_LOCAL_MACHINE", "KEY_READ", "KEY_WOW64_64KEY")
#: A bit that means nothing to Linux.
O_BINARY = 1 << 29
_REFUSED = set('<>:"|?*')


def enact() -> None:
    """Have the rules hold from here on; toe must not be imported yet."""
    for name in NEEDED_BEFORE:
        importlib.import_module(name)
    locking = _locking()
    for name in ("os", "signal"):  # what it looks up while it runs is Linux's
        setattr(subprocess, name, _module(name, **vars(sys.modules[name])))
    for name in LACKING_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for module, names in ((os, LACKING_NAMES), (signal, LACKING_SIGNALS), (select, ("poll", "epoll"))):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    _enact_text_mode()
    os.rename = _rename(os.rename)
    tempfile.TemporaryFile = tempfile.NamedTemporaryFile  # type: ignore[assignment]  # no file without a name
    for name in list(os.environ):
        os.environ[name.upper()] = os.environ.pop(name)
    for kinds in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        kinds.clear()
    select.select = _no_select  # type: ignore[assignment]
    sys.modules["msvcrt"] = _module("msvcrt", locking=locking, LK_UNLCK=0, LK_NBLCK=2)
    sys.modules["winreg"] = _module("winreg", **dict.fromkeys(REGISTRY_NAMES, 0), OpenKey=_no_key)
    sys.modules["toe.system.windows.child"] = _module("toe.system.windows.child", WindowsChild=StartedProgram)
    ctypes.WinDLL = Library  # type: ignore[attr-defined]
    ctypes.get_last_error = lambda: 5  # type: ignore[attr-defined]
    ctypes.WinError = lambda number: OSError(errno.EACCES, f"Windows' number {number}")  # type: ignore[attr-defined]
    sys.platform = "win32"
    sys.addaudithook(_judge)


def _module(name: str, /, **content: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(content)
    return module


def _locking() -> Callable[[int, int, int], None]:
    import fcntl

    kinds = {0: fcntl.LOCK_UN, 2: fcntl.LOCK_EX | fcntl.LOCK_NB}
    return lambda descriptor, mode, size: fcntl.flock(descriptor, kinds[mode])


def _no_key(*arguments: Any) -> None:
    raise FileNotFoundError(errno.ENOENT, "there is no such key")


def _no_select(*lists: Any) -> None:
    raise OSError(10038, "an operation was attempted on something that is not a socket")


def _enact_text_mode() -> None:
    """What is opened without O_BINARY is text to Windows' C library: a byte 13 comes before each byte 10."""
    real_open, real_write, real_close = os.open, os.write, os.close
    texts: set[int] = set()

    def open_(path: Any, flags: int, mode: int = 0o777) -> int:
        descriptor = real_open(path, flags & ~O_BINARY, mode)
        (texts.discard if flags & O_BINARY else texts.add)(descriptor)
        return descriptor

    def write(descriptor: int, data: Any) -> int:
        if descriptor not in texts:
            return real_write(descriptor, data)
        left = memoryview(bytes(data).replace(b"\n", b"\r\n"))
        while left:
            left = left[real_write(descriptor, left) :]
        return len(data)

    def close(descriptor: int) -> None:
        texts.discard(descriptor)
        real_close(descriptor)

    os.O_BINARY = O_BINARY  # type: ignore[attr-defined]
    os.open, os.write, os.close = open_, write, close  # type: ignore[assignment]


def _rename(real: Callable[..., None]) -> Callable[..., None]:
    def rename(source: Any, destination: Any) -> None:
        if os.path.lexists(destination):
            raise FileExistsError(errno.EEXIST, "Cannot create a file when that file already exists", destination)
        real(source, destination)

    return rename


def _judge(event: str, arguments: tuple[Any, ...]) -> None:
    """What Windows would refuse of a call."""
    if event == "open" and isinstance(arguments[0], str):
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        if flags & os.O_CREAT:
            _judge_name(arguments[0])
        # Not `open`: with an opener it tells of the folder of a temporary file, and opens no folder here either.
        if arguments[1] is None and os.path.isdir(arguments[0]):
            raise _denied(arguments[0], 5)
    elif event == "os.mkdir":
        _judge_name(os.fspath(arguments[0]))
    elif event == "os.rename":
        _judge_name(os.fspath(arguments[1]))
        for path in arguments[:2]:
            if _is_open(os.fspath(path)):
                raise _denied(path, 32)
    elif event == "os.remove" and _is_open(os.fspath(arguments[0])):
        raise _denied(arguments[0], 32)
    elif event == "os.chmod" and isinstance(arguments[0], int):
        raise TypeError("chmod: path should be string, not int")


def _judge_name(path: str) -> None:
    name = os.path.basename(path)
    if _REFUSED & set(name) or (name.endswith((" ", ".")) and name not in (".", "..")):
        raise OSError(errno.EINVAL, "Invalid argument", path)


def _is_open(path: str) -> bool:
    place = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{descriptor}") == place:
                return True
        except OSError:
            continue
    return False


def _denied(path: str, number: int) -> PermissionError:
    error = PermissionError(errno.EACCES, "Access is denied", path)
    error.winerror = number  # type: ignore[attr-defined]
    return error


class Library:
    """A library of Windows, as far as toe calls it. The boot that it tells of is TOE_TEST_BOOT."""

    def __init__(self, name: str, **options: Any) -> None:
        self.IsUserAnAdmin = _function(lambda: 1)
        self.GetConsoleOutputCP = _function(lambda: 65001)
        self.NtQuerySystemInformation = _function(_boot)
        self.ReplaceFileW = _function(_replace)
        self.GetNamedSecurityInfoW = _function(lambda *_: 0)
        self.ConvertSidToStringSidW = _function(_owner)
        self.LocalFree = _function(lambda *_: 0)


def _function(answer: Callable[..., int]) -> Any:
    def call(*arguments: Any) -> int:
        return answer(*arguments)

    return call


def _boot(kind: int, found: Any, size: int, length: Any) -> int:
    found._obj.boot_time = int(os.environ.get("TOE_TEST_BOOT", "1"))
    return 0


def _owner(sid: Any, text: Any) -> int:
    text._obj.value = "S-1-5-32-544"
    return 1


def _replace(path: str, temporary: str, *others: Any) -> int:
    os.replace(temporary, path)
    return 1


class StartedProgram:
    """A `StartedChild` of toe.system.windows.runner: a process of Linux."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            list(argv), env=dict(environment), stdin=subprocess.DEVNULL, stdout=-1, stderr=-1, bufsize=0
        )

    @property
    def pipes(self) -> Mapping[str, IO[bytes]]:
        assert self._process.stdout
        assert self._process.stderr
        return {"stdout": self._process.stdout, "stderr": self._process.stderr}

    def wait(self) -> int:
        return self._process.wait()

    def exit_code(self) -> int | None:
        return self._process.poll()

    def ask_to_end(self) -> bool:
        self._process.terminate()
        return True

    def kill(self) -> None:
        self._process.send_signal(9)

    def is_gone(self) -> bool:
        return self._process.poll() is not None

    def close(self, *, let_live: bool) -> None:
        self._process.poll()


if __name__ == "__main__":
    enact()
    from toe.__main__ import main

    main()
