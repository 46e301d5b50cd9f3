"""A stand-in for a Windows machine: Wine, which runs real programs of Windows (cmd, reg, msiexec) on Linux.

What it shows: how such programs read our command lines, and what they then do. What it does not: Windows' own kernel,
PowerShell, or Python for Windows, none of which is here. In a test, with the fixture `wine`:

    wine.run(["reg", "query", r"HKCU\\Software"])   a program, its exit code (all 32 bits), stdout and stderr
    wine.host()                                     a Host that calls itself Windows and starts programs by Wine
    wine.windows_path(path)                         r"Z:\\tmp\\...": the same file, as programs of Windows name it
    wine.stand_ins["powershell.exe"] = path         a program of Linux that is started in the place of one of Windows
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from toe.actions.base import Completed
from toe.engine.kept_outputs import Capture
from toe.system.cancellation import Cancellation
from toe.system.host import Host
from toe.system.processes.posix import PosixProcesses
from toe.system.processes.runner import ProcessEnd
from toe.system.windows.command_line import CommandLine
from toe.system.windows.program import Start, start_of

PROGRAMS = Path(__file__).resolve().parent / "wine_programs"
#: What a program of Windows finds in its environment, beside what Wine itself puts there.
WINDOWS_VARIABLES = {
    "PATH": r"C:\windows\system32;C:\windows",
    "PATHEXT": ".COM;.EXE;.BAT;.CMD",
    "SYSTEMROOT": r"C:\windows",
    "COMSPEC": r"C:\windows\system32\cmd.exe",
}
#: The tools that this needs, for messages: program -> Debian's package.
NEEDED = {"wine": "wine wine64", "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64-win32"}
# A path of Linux in double quotes: the code under test runs on Linux and makes such paths.
_LINUX_PATH = re.compile(r'"(/[^"]+)"')


#: What programs of Windows leave as it is: copies of a prefix share these files, 700 MB.
_SHARED = {".dll", ".exe"}


def make_template(folder: Path) -> None:
    """Fill an empty folder with our own programs and a Wine prefix, which is then only copied."""
    for source in PROGRAMS.glob("*.c"):
        compiler = ["x86_64-w64-mingw32-gcc", "-municode", "-Wall", "-Werror", "-O1"]
        subprocess.run([*compiler, "-o", folder / f"{source.stem}.exe", source], check=True)
    prefix = folder / "prefix"
    prefix.mkdir()
    _call(prefix, "wineboot", "-i")
    _stop(prefix)


class WineMachine:
    """One Wine prefix with its server, a copy of `template`. `folder` must be empty; all of it is the machine's."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._folder = folder
        self._prefix = folder / "prefix"
        self._environment = _environment(self._prefix)
        self.stand_ins: dict[str, Path] = {}
        shutil.copytree(template, folder, symlinks=True, copy_function=_copied, dirs_exist_ok=True)
        _call(self._prefix, "wineserver", "-p")  # the server stays when its last program has ended

    def close(self) -> None:
        """Stop Wine's server and all programs of this prefix."""
        _stop(self._prefix)

    def host(self) -> Host:
        """A Host that calls itself Windows; an administrator, as everybody is under Wine."""
        return Host("windows", dict(WINDOWS_VARIABLES), True, WineProcesses(self))

    def run(self, argv: Sequence[str]) -> Completed:
        """Run a program of Windows, found by Windows' PATH, to its end."""
        capture = Capture()
        end = WineProcesses(self).run(
            argv,
            environment=WINDOWS_VARIABLES,
            deadline=None,
            cancellation=Cancellation(),
            on_start=lambda: None,
            on_output=capture.add,
        )
        return Completed(end.exit_code, capture.take_stdout(), capture.stderr_end(), capture.cut)

    def windows_path(self, path: str | os.PathLike[str]) -> str:
        """How programs of Windows name a file of Linux."""
        return "Z:" + os.fspath(path).replace("/", "\\")

    def linux_path(self, path: str) -> str:
        """The file of Linux that a path on drive C or Z is; case-insensitive as far as it exists."""
        drive, rest = path[:2].upper(), path[2:].replace("\\", "/").strip("/")
        found = str(self._prefix / "drive_c") if drive == "C:" else "/"
        for name in filter(None, rest.split("/")):
            names = os.listdir(found) if os.path.isdir(found) else []
            found = os.path.join(found, next((one for one in names if one.lower() == name.lower()), name))
        return found

    def start_of(self, argv: Sequence[str], environment: Mapping[str, str]) -> Start:
        """What CreateProcess would be given by toe, paths of Linux turned into Windows' names for them."""
        if not isinstance(argv, CommandLine):
            argv = [self.windows_path(word) if word.startswith("/") and os.path.exists(word) else word for word in argv]
        start = start_of(argv, environment, lambda path: os.path.isfile(self.linux_path(path)))
        return start._replace(text=_LINUX_PATH.sub(lambda found: f'"{self.windows_path(found[1])}"', start.text))

    def wine_command(self, start: Start) -> tuple[list[str], Path, dict[str, str]]:
        """argv and environment of Linux by which a program of Windows is started, and the file for its exit code."""
        order, code = (self._folder / f"{name}-{os.urandom(6).hex()}" for name in ("order", "code"))
        order.write_bytes(f"{start.program or ''}\0{start.text}\0".encode("utf-16-le"))
        argv = ["wine", str(self._folder / "start.exe"), self.windows_path(order), self.windows_path(code)]
        return argv, code, self._environment

    def program(self, name: str) -> str:
        """Windows' path of one of our programs (`arguments`, `start`)."""
        return self.windows_path(self._folder / f"{name}.exe")


def _environment(prefix: Path) -> dict[str, str]:
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "WINEPREFIX": str(prefix),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
        "LC_ALL": "C.UTF-8",
    }


def _call(prefix: Path, *argv: str) -> None:
    environment = _environment(prefix)
    subprocess.run(argv, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)


def _stop(prefix: Path) -> None:
    _call(prefix, "wineserver", "-k")
    _call(prefix, "wineserver", "-w")


def _copied(source: str, target: str) -> None:
    if Path(source).suffix in _SHARED:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


#: Beside a second Wine that sets itself up, Wine now and then ends before it has started anything.
_TRIES = 3


class WineProcesses:
    """A `ProcessRunner` that starts programs of Windows by Wine. Output is UTF-8 as far as the program prints so."""

    def __init__(self, machine: WineMachine) -> None:
        self._machine = machine
        self.child_pid = 0

    def run(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        deadline: float | None,
        cancellation: Cancellation,
        on_start: Callable[[], None],
        on_output: Callable[[str, bytes], None],
    ) -> ProcessEnd:
        """As `ProcessRunner.run`."""
        stand_in = None if isinstance(argv, CommandLine) else self._machine.stand_ins.get(argv[0].lower())
        with closing(PosixProcesses(own_process=False)) as processes:
            run = partial(
                processes.run, deadline=deadline, cancellation=cancellation, on_start=on_start, on_output=on_output
            )
            if stand_in is not None:
                return run([str(stand_in), *argv[1:]], environment=dict(os.environ))
            start = self._machine.start_of(argv, environment)
            for _ in range(_TRIES):
                command, code_file, variables = self._machine.wine_command(start)
                end = run(command, environment={**_without_windows_own(environment), **variables})
                if code_file.exists():
                    break
        return end._replace(exit_code=_noted(code_file, argv[0]))

    def close(self) -> None:
        """Nothing is kept."""


def _without_windows_own(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.upper() not in WINDOWS_VARIABLES}


def _noted(code_file: Path, program: str) -> int:
    """The exit code that was noted. Raises OSError when the program could not be started."""
    note = code_file.read_text() if code_file.exists() else "error 0"
    if note.startswith("error"):
        raise OSError(int(note.split()[1]), f"Windows' {note}", program)
    return int(note)
