"""A machine of folders for the tests of toe.system.resume: a root, and programs that record instead of acting.

Nothing here or in those tests may reach the real systemctl, shutdown or crontab.
"""

from __future__ import annotations

import os
from pathlib import Path

from toe.system.host import Host
from toe.system.processes.posix import PosixProcesses
from toe.system.resume.command import ResumeCommand, resume_script_path

_CRONTAB = """#!/bin/sh
echo "$*" >> '{calls}'
case $1 in
  -l) /bin/cat '{file}' 2>/dev/null || {{ echo 'no crontab for root' >&2; exit 1; }} ;;
  -r) /bin/rm '{file}' ;;
  -) /bin/cat > '{file}' ;;
esac
"""


class Machine:
    """A root below `folder`, a PATH of recording programs, and a state directory."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.programs = folder / "programs"
        self.state = folder / "state"
        self.calls_file = folder / "calls"
        self.crontab_file = folder / "crontab"
        for made in (self.root, self.programs, self.state):
            made.mkdir()

    def host(self, *, is_root: bool = True, platform: str = "linux") -> Host:
        path = f"{self.programs}{os.pathsep}{self.root}"
        return Host(platform, {"PATH": path, "HERE": "yes"}, is_root, PosixProcesses(own_process=False))

    def add_systemd(self) -> None:
        (self.root / "run/systemd/system").mkdir(parents=True)
        (self.root / "etc/systemd/system").mkdir(parents=True)

    def add_cron(self) -> None:
        self.add_process(7, "cron")
        self.add_program("crontab", _CRONTAB.format(calls=self.calls_file, file=self.crontab_file))

    def add_program(self, name: str, text: str) -> None:
        """A program on the PATH; `text` begins with #!, or is what a shell runs after the call was recorded."""
        if not text.startswith("#!"):
            text = f"#!/bin/sh\necho {name} \"$@\" >> '{self.calls_file}'\n{text}\n"
        program = self.programs / name
        program.write_text(text)
        program.chmod(0o755)

    def add_process(self, pid: int, name: str, parent: int = 1) -> None:
        folder = self.root / "proc" / str(pid)
        folder.mkdir(parents=True)
        (folder / "comm").write_text(f"{name[:15]}\n")
        (folder / "stat").write_text(f"{pid} ({name[:15]}) S {parent} {pid} {pid} 0 -1\n")

    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []

    def command(self, execution_id: str = "run-1") -> ResumeCommand:
        return ResumeCommand(
            execution_id,
            ("/usr/bin/true", "-m", "toe", "a secret"),
            str(self.root),
            {"PATH": "/usr/bin"},
            resume_script_path(str(self.state), execution_id),
            str(self.state / "resume.out"),
        )

    def files(self) -> set[str]:
        """All files and links of root and state directory, but for /proc."""
        return {
            str(path.relative_to(base))
            for base in (self.root, self.state)
            for path in base.rglob("*")
            if (path.is_symlink() or path.is_file()) and "proc" not in path.relative_to(base).parts
        }
