"""apt-get: its command lines, its answers, and how it is kept from packages. For Debian, Ubuntu and their kin.

`apt-get upgrade --with-new-pkgs` does all updates, by name or not: unlike `apt-get install NAME` it keeps the mark of
an automatically installed package, never removes one, and skips what it cannot do. What must stay as it is gets a
negative pin in a preferences file of our own, for these commands alone: a pin also holds against dependencies, and
nothing of the machine's own configuration is changed.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from toe.actions.base import Completed, Context
from toe.actions.packages.manager import LOCK_SECONDS, Commands, Update, Updates, read_settings, write_settings
from toe.errors import ActionError

#: Nothing asks a question, configuration files are kept (ucf has a switch of its own), and needrestart only lists: it
#: must not restart the services below us, such as the agent that runs this build.
SETTINGS = {
    "DEBIAN_FRONTEND": "noninteractive",
    "NEEDRESTART_MODE": "l",
    "UCF_FORCE_CONFFOLD": "1",
    "APT_LISTCHANGES_FRONTEND": "none",
}
REBOOT_REQUIRED = "/run/reboot-required"
_KEEP_CONFIGURATION = ("-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold")
_INSTALL = re.compile(r"^Inst (\S+) \[[^]]*\] \((\S+)", re.MULTILINE)
_KEPT_BACK = "have been kept back:"
_DOWNGRADED = "will be DOWNGRADED:"


def refresh_argv() -> list[str]:
    """Error-Mode: without it a mirror that does not answer is a warning (apt 2.1.14 and later know it)."""
    return ["apt-get", "update", "-o", "APT::Update::Error-Mode=any", *_lock_options()]


def simulate_argv(preferences: Sequence[str]) -> list[str]:
    """All updates, only shown."""
    return ["apt-get", "upgrade", "--simulate", "--with-new-pkgs", "-o", "APT::Get::Show-Versions=false", *preferences]


def needs_argv(specs: Sequence[str], preferences: Sequence[str]) -> list[str]:
    """The updates of `specs` and all that must come with them, only shown."""
    return ["apt-get", "install", "--simulate", "--only-upgrade", "--no-remove", *preferences, "--", *specs]


def upgrade_argv(preferences: Sequence[str]) -> list[str]:
    """All updates that the preferences leave, without a question."""
    command = ["apt-get", "upgrade", "--with-new-pkgs", "--yes", "-o", "Dpkg::Use-Pty=0"]
    return [*command, *_KEEP_CONFIGURATION, *_lock_options(), *preferences]


def preferences_argv() -> list[str]:
    """Where the machine's own preferences are: an option of ours takes that file's place."""
    return ["apt-config", "shell", "FILE", "Dir::Etc::preferences/f"]


def _lock_options() -> tuple[str, str]:
    return "-o", f"DPkg::Lock::Timeout={LOCK_SECONDS}"


def parse_updates(text: str) -> Updates:
    """What a simulated upgrade shows. Newly installed dependencies are no updates, and a downgrade is none either."""
    downgraded = parse_section(text, _DOWNGRADED)
    found = (Update(spec.partition(":")[0], spec, version) for spec, version in _INSTALL.findall(text))
    return Updates(tuple(update for update in found if update.name not in downgraded), parse_section(text, _KEPT_BACK))


def parse_section(text: str, end_of_heading: str) -> tuple[str, ...]:
    """The names, without architecture, in the indented lines below a heading."""
    names: list[str] = []
    inside = False
    for line in text.splitlines():
        if inside and line.startswith("  "):
            names.extend(word.partition(":")[0] for word in line.split())
        else:
            inside = line.endswith(end_of_heading)
    return tuple(names)


def preferences_text(names: Iterable[str], own: str) -> str:
    """Preferences by which no version of `names`, wildcards included, may be installed; `own` come after them.

    The first pin of a package counts, and this file is read before those in preferences.d (apt_preferences(5); tried).
    """
    pins = "".join(f"Package: {name}\nPin: version *\nPin-Priority: -1\n\n" for name in dict.fromkeys(names))
    return pins + own


def is_locked(completed: Completed) -> bool:
    """Whether a lock was held. DPkg::Lock::Timeout waits for dpkg's locks, from apt 1.9.11 on, and never for others."""
    return completed.exit_code == 100 and "E: Could not get lock" in completed.stderr


@contextmanager
def opened(exclude: Sequence[str], ctx: Context) -> Iterator[AptGet]:
    """apt-get that leaves out `exclude`."""
    with ctx.temporary_directory() as folder:
        yield AptGet(Commands(ctx, SETTINGS, is_locked), exclude, folder)


class AptGet:
    """A `PackageManager`; `folder` is for its preferences files."""

    def __init__(self, commands: Commands, exclude: Sequence[str], folder: str) -> None:
        self._commands = commands
        self._exclude = tuple(exclude)
        self._folder = folder
        self._own: str | None = None

    def refresh(self) -> None:
        self._commands.run("apt-get update", refresh_argv())

    def updates(self) -> Updates:
        text = self._simulated()
        downgraded = parse_section(text, _DOWNGRADED)
        if downgraded:  # the machine's own pins ask for it; `apt-get upgrade --yes` would refuse all for their sake
            self._exclude += downgraded
            text = self._simulated()
        return parse_updates(text)

    def upgrade(self, wanted: Sequence[Update] = (), others: Sequence[Update] = ()) -> None:
        left_out = self._exclude
        if wanted:
            argv = needs_argv([update.spec for update in wanted], self._options(self._exclude))
            needed = parse_updates(self._commands.run("apt-get install --simulate", argv).stdout)
            left_out += tuple(sorted({update.name for update in others}.difference(needed.names)))
        self._commands.run("apt-get upgrade", upgrade_argv(self._options(left_out)))

    def reboot_reason(self) -> str:
        return reboot_reason(REBOOT_REQUIRED)

    def _simulated(self) -> str:
        argv = simulate_argv(self._options(self._exclude))
        return self._commands.run("apt-get upgrade --simulate", argv).stdout

    def _options(self, names: Sequence[str]) -> list[str]:
        """The option that keeps apt-get from `names`."""
        if not names:
            return []
        path = os.path.join(self._folder, f"preferences-{len(os.listdir(self._folder)) + 1}")
        try:
            if self._own is None:
                self._own = self._own_preferences()
            write_settings(path, preferences_text(names, self._own))
        except OSError as error:
            raise ActionError(f"cannot keep apt-get from '{names[0]}': {error}") from error
        return ["-o", f"Dir::Etc::preferences={path}"]

    def _own_preferences(self) -> str:
        answer = self._commands.run("apt-config", preferences_argv()).stdout
        return read_settings(shlex.split(answer)[0].partition("=")[2])


def reboot_reason(flag: str) -> str:
    """The file that packages of Debian and Ubuntu leave to ask for a reboot, with the names beside it."""
    if not os.path.exists(flag):
        return ""
    try:
        with open(f"{flag}.pkgs", encoding="utf-8", errors="replace") as file:
            packages = sorted(set(file.read().split()))
    except OSError:
        packages = []
    return f"{flag}: {', '.join(packages)}" if packages else flag
