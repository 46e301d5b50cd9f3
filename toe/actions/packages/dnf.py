"""dnf, and yum where it stands alone: command lines and answers. For Fedora, Red Hat, Amazon Linux and their kin.

Written for dnf 4 and 5 and yum 3. Configuration files are rpm's affair: it keeps what its packages mark as
`%config(noreplace)`, and of others it saves what was changed as `.rpmsave`; no option changes that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from toe.actions.base import Completed, Context
from toe.actions.packages.manager import Commands, Update, Updates
from toe.expressions.binaries import binary_exists
from toe.records import NamedTuple

#: `check-update` says by this exit code that there is something.
UPDATES_AVAILABLE = 100
# They wait for a lock for ever; told not to, dnf ends with 200 and yum 3 with 1 and a sentence.
_EXIT_ON_LOCK = "--setopt=exit_on_lock=True"
_LOCKED = 200
_YUM_LOCKED = "exiting as configured by exit_on_lock"
_LINE = re.compile(r"([A-Za-z0-9]\S*)\.([A-Za-z0-9_]+)\s+(\S+)\s+(\S+)")
#: Rpm's packages whose names begin as those of kernels do: a line for each, its name and what `uname -r` would say.
INSTALLED_ARGV = ("rpm", "-qa", "--queryformat", r"%{NAME} %{VERSION}-%{RELEASE}.%{ARCH}\n", "kernel*")
RUNNING_ARGV = ("uname", "-r")
_WITHOUT_A_KERNEL = re.compile(r".*-(devel|headers|debuginfo|debuginfo-common.*|doc|source|srpm-macros|tools.*)")


def refresh_argv(program: str) -> list[str]:
    """Makes what was fetched earlier count as old: the next command fetches the lists anew, and fails if it cannot."""
    return [program, _EXIT_ON_LOCK, "clean", "expire-cache"]


def list_argv(program: str, exclude: Sequence[str]) -> list[str]:
    """All updates, only shown."""
    return [program, "--quiet", _EXIT_ON_LOCK, *_excluding(exclude), "check-update"]


def upgrade_argv(program: str, specs: Sequence[str], exclude: Sequence[str]) -> list[str]:
    """The updates of `specs`, of all when there are none. What needs an excluded package is skipped.

    For that dnf must not insist on the best version, a default of Red Hat's; yum 3 has an option that dnf 5 lacks.
    """
    skip = ["--setopt=best=False", *(["--skip-broken"] if program == "yum" else [])]
    return [program, "--assumeyes", _EXIT_ON_LOCK, *skip, *_excluding(exclude), "upgrade", *specs]


def _excluding(exclude: Sequence[str]) -> list[str]:
    return [f"--exclude={pattern}" for pattern in exclude]


def parse_updates(text: str) -> Updates:
    """What `check-update` lists: name.arch, version, repository; a long one goes on in an indented line.

    What stands below `Obsoleting Packages` replaces packages and updates none.
    """
    listed = re.split(r"^Obsoleting packages", text, maxsplit=1, flags=re.IGNORECASE | re.MULTILINE)[0]
    unfolded = re.sub(r"\n[ \t]+", " ", listed)
    found = (_LINE.fullmatch(line.strip()) for line in unfolded.splitlines())
    updates = (Update(match[1], f"{match[1]}.{match[2]}", match[3]) for match in found if match)
    return Updates(tuple(dict.fromkeys(updates)))


def is_locked(completed: Completed) -> bool:
    """Whether a lock was held."""
    return completed.exit_code == _LOCKED or (completed.exit_code == 1 and _YUM_LOCKED in completed.stderr)


def reboot_argv(program: str) -> list[str]:
    """Asks whether a reboot is needed: a plugin of dnf, a program of its own beside yum."""
    return ["needs-restarting", "-r"] if program == "yum" else [program, "needs-restarting", "-r"]


def reboot_reason(completed: Completed) -> str:
    """Exit code 1 alone says nothing: a missing plugin ends with it too."""
    if completed.exit_code != 1 or "reboot is required" not in completed.stdout.lower():
        return ""
    packages = re.findall(r"^ +\* (\S+)", completed.stdout, re.MULTILINE)
    return f"needs-restarting: {', '.join(packages)}" if packages else "needs-restarting"


class Kernel(NamedTuple):
    """A package of a kernel, or of a part of one, and the release that it is of, as `uname -r` writes it."""

    package: str
    release: str


def parse_installed(text: str) -> list[Kernel]:
    """What INSTALLED_ARGV lists, without what holds nothing that runs."""
    pairs = (line.split() for line in text.splitlines())
    kernels = (Kernel(*pair) for pair in pairs if len(pair) == 2)
    return [kernel for kernel in kernels if not _WITHOUT_A_KERNEL.fullmatch(kernel.package)]


def newer_kernel(installed: list[Kernel], running: str) -> Kernel | None:
    """The newest kernel of the package whose kernel runs, if that is not the running one.

    `needs-restarting` of dnf 4.3 knows packages called `kernel` and `kernel-rt`, not Amazon Linux' `kernel6.12` or
    ELRepo's `kernel-ml` (amazonlinux/amazon-linux-2023#1125). None where the running kernel belongs to no package, as
    in a container. A kernel of another package is no update.
    """
    release = running.strip().partition("+")[0]  # variants of Red Hat: 5.14.0-70.el9.x86_64+rt
    families = {kernel.package for kernel in installed if kernel.release == release}
    newest = max((kernel for kernel in installed if kernel.package in families), key=_order, default=None)
    return None if newest is None or _order(newest) <= _order(Kernel("", release)) else newest


def _order(kernel: Kernel) -> list[tuple[int, int, str]]:
    """Orders releases nearly as rpm does: by their numbers and words, a number after a word."""
    parts = re.findall(r"\d+|[A-Za-z]+", kernel.release)
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]


class Dnf:
    """A `PackageManager` that leaves out `exclude`; `program` is dnf or yum."""

    def __init__(self, program: str, exclude: Sequence[str], ctx: Context) -> None:
        self._commands = Commands(ctx, {}, is_locked)
        self._program = program
        self._exclude = exclude
        self._ctx = ctx

    def refresh(self) -> None:
        self._commands.run(f"{self._program} clean", refresh_argv(self._program))

    def updates(self) -> Updates:
        argv = list_argv(self._program, self._exclude)
        return parse_updates(self._commands.run(f"{self._program} check-update", argv, (0, UPDATES_AVAILABLE)).stdout)

    def upgrade(self, wanted: Sequence[Update] = (), others: Sequence[Update] = ()) -> None:
        argv = upgrade_argv(self._program, [update.spec for update in wanted], self._exclude)
        self._commands.run(f"{self._program} upgrade", argv)

    def reboot_reason(self) -> str:
        argv = reboot_argv(self._program)
        reason = reboot_reason(self._commands.attempt(argv)) if self._has(argv[0]) else ""
        return reason or self._newer_kernel()

    def _newer_kernel(self) -> str:
        """The kernel that runs after the next boot, "" where it is the one that runs."""
        if not all(map(self._has, ("rpm", "uname"))):
            return ""
        running = self._commands.attempt(RUNNING_ARGV).stdout
        found = newer_kernel(parse_installed(self._commands.attempt(INSTALLED_ARGV).stdout), running)
        return f"{found.package} {found.release} is installed, and {running} runs" if found else ""

    def _has(self, program: str) -> bool:
        host = self._ctx.host
        return binary_exists(program, host.environment, host.platform)
