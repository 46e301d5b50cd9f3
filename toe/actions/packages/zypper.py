"""zypper: its command lines, its answers, and how it is kept from packages. For SUSE Linux Enterprise and openSUSE.

What must stay as it is gets a lock, in a file of locks of our own beside the machine's, for these commands alone:
libzypp takes another configuration file by ZYPP_CONF. Configuration files of packages are rpm's affair, as with dnf.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from glob import glob

from toe.actions.base import Completed, Context
from toe.actions.packages.manager import LOCK_SECONDS, Commands, Update, Updates, read_settings, write_settings
from toe.errors import ActionError

#: libzypp 17 waits so long for its lock; older ones end with 7 at once.
SETTINGS = {"ZYPP_LOCK_TIMEOUT": str(LOCK_SECONDS)}
_LOCKED = 7
_REBOOT_NEEDED = 102
#: Exit codes of an update that went well all the same (zypper(8)), and what they tell. 105, a signal, is none of them.
INFORMATION = {
    _REBOOT_NEEDED: "a reboot is needed",
    103: "the package manager itself was updated: there may be more updates now",
    106: "a repository was left out: it could not be refreshed",
    107: "a script of a package failed; its output is above",
}
_UPDATE = re.compile(r"<update\s([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_LOCKS_PATH = re.compile(r"^\s*locksfile\.path\s*=\s*(.*?)\s*$", re.MULTILINE)
# The administrator's file hides the vendor's; single settings of either may stand in further files (newer libzypp).
_CONFIGURATIONS = ("/etc/zypp/zypp.conf", "/usr/etc/zypp/zypp.conf")
_DROP_INS = ("/usr/etc/zypp/zypp.conf.d/*.conf", "/etc/zypp/zypp.conf.d/*.conf")
_LOCKS = "/etc/zypp/locks"


def refresh_argv() -> list[str]:
    """Fetches the lists anew; a repository that does not answer is an error."""
    return ["zypper", "--non-interactive", "refresh"]


def list_argv(*, kept_back: bool) -> list[str]:
    """The updates that can be installed; `kept_back`: also those that cannot."""
    return ["zypper", "--non-interactive", "--xmlout", "list-updates", *(["--all"] if kept_back else [])]


def upgrade_argv(specs: Sequence[str]) -> list[str]:
    """The updates of `specs`, of all when there are none, without a question."""
    return ["zypper", "--non-interactive", "update", "--auto-agree-with-licenses", "--", *specs]


def reboot_argv() -> list[str]:
    """Asks whether a reboot is needed (zypper 1.14.20 and later)."""
    return ["zypper", "--non-interactive", "needs-rebooting"]


def parse_updates(installable: str, every: str) -> Updates:
    """What `list-updates` shows, without and with `--all`, both as XML."""
    found = _parse(installable)
    names = {update.name for update in found}
    return Updates(found, tuple(update.name for update in _parse(every) if update.name not in names))


def _parse(text: str) -> tuple[Update, ...]:
    entries = [dict(_ATTRIBUTE.findall(attributes)) for attributes in _UPDATE.findall(text)]
    return tuple(
        Update(entry["name"], f"{entry['name']}.{entry['arch']}", entry["edition"])
        for entry in entries
        if entry.get("kind") == "package"
    )


def locks_text(exclude: Iterable[str], own: str) -> str:
    """A file of locks for `exclude`, wildcards included, and for what the machine's own says."""
    lock = "type: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: {}\n"
    return "\n".join([*(lock.format(pattern) for pattern in exclude), own])


def configuration_text(own: str, locks: str) -> str:
    """The machine's own configuration with another file of locks."""
    return f"{_LOCKS_PATH.sub('', own)}\n[main]\nlocksfile.path = {locks}\n"


def is_locked(completed: Completed) -> bool:
    """Whether a lock was held."""
    return completed.exit_code == _LOCKED


@contextmanager
def opened(exclude: Sequence[str], ctx: Context) -> Iterator[Zypper]:
    """zypper that leaves out `exclude`."""
    if not exclude:
        yield Zypper(Commands(ctx, SETTINGS, is_locked), ctx)
        return
    with ctx.temporary_directory() as folder:
        path = write_configuration(exclude, folder, ctx.host.environment)
        yield Zypper(Commands(ctx, {**SETTINGS, "ZYPP_CONF": path}, is_locked), ctx)


def write_configuration(exclude: Sequence[str], folder: str, environment: Mapping[str, str]) -> str:
    """Write the two files into `folder`, and return the configuration's path. Raises ActionError."""
    configuration, locks = os.path.join(folder, "zypp.conf"), os.path.join(folder, "locks")
    try:
        own = _own_configuration(environment)
        named = _LOCKS_PATH.findall(own)
        write_settings(locks, locks_text(exclude, read_settings(named[-1] if named else _LOCKS)))
        write_settings(configuration, configuration_text(own, locks))
    except OSError as error:
        raise ActionError(f"cannot keep zypper from '{exclude[0]}': {error}") from error
    return configuration


def _own_configuration(environment: Mapping[str, str]) -> str:
    if environment.get("ZYPP_CONF"):
        return read_settings(environment["ZYPP_CONF"])
    main = next((path for path in _CONFIGURATIONS if os.path.exists(path)), "")
    more = [path for pattern in _DROP_INS for path in sorted(glob(pattern))]
    return "\n".join(read_settings(path) for path in [main, *more] if path)


class Zypper:
    """A `PackageManager`."""

    def __init__(self, commands: Commands, ctx: Context) -> None:
        self._commands = commands
        self._ctx = ctx

    def refresh(self) -> None:
        self._commands.run("zypper refresh", refresh_argv())

    def updates(self) -> Updates:
        installable, every = (
            self._commands.run("zypper list-updates", list_argv(kept_back=kept_back)).stdout
            for kept_back in (False, True)
        )
        return parse_updates(installable, every)

    def upgrade(self, wanted: Sequence[Update] = (), others: Sequence[Update] = ()) -> None:
        argv = upgrade_argv([update.spec for update in wanted])
        completed = self._commands.run("zypper update", argv, (0, *INFORMATION))
        if completed.exit_code in INFORMATION:
            self._ctx.log(f"zypper ended with {completed.exit_code}: {INFORMATION[completed.exit_code]}")

    def reboot_reason(self) -> str:
        return "zypper needs-rebooting" if self._commands.attempt(reboot_argv()).exit_code == _REBOOT_NEEDED else ""
