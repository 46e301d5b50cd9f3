"""UpdateOS on Linux: choose the package manager, ask it what there is, update what is wanted, say what was done."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from fnmatch import fnmatchcase

from toe.actions.base import Context
from toe.actions.packages import apt_get, zypper
from toe.actions.packages.dnf import Dnf
from toe.actions.packages.manager import PackageManager, Updates
from toe.errors import ActionError
from toe.expressions.binaries import binary_exists
from toe.records import NamedTuple
from toe.words import counted

#: In the order in which they are looked for. yum comes after dnf, whose other name it is where both are.
PROGRAMS = ("apt-get", "dnf", "yum", "zypper")
# No character that means something in apt's preferences, zypper's locks or a glob, but the `*` itself.
_PATTERN = re.compile(r"[A-Za-z0-9_*][A-Za-z0-9_.+*-]*")


class Selection(NamedTuple):
    """Names of packages, without version and architecture; `*` stands for any characters. No include means all."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def wants(self, name: str) -> bool:
        """Whether the package is to be updated."""
        return (not self.include or matches(name, self.include)) and not self.excludes(name)

    def excludes(self, name: str) -> bool:
        """Whether the package must stay as it is."""
        return matches(name, self.exclude)

    @property
    def excludes_all(self) -> bool:
        """Whether nothing can be left: managers have notions of their own of a lone `*`, so they are not asked."""
        return any(not pattern.strip("*") for pattern in self.exclude)

    @property
    def full_names(self) -> tuple[str, ...]:
        """The packages that `include` names without a wildcard, less the excluded ones."""
        return tuple(name for name in self.include if "*" not in name and not self.excludes(name))

    def check(self) -> None:
        """Raise ActionError for an entry that cannot be the name of a package."""
        for key, patterns in zip(self._fields, self, strict=True):
            for pattern in patterns:
                if not _PATTERN.fullmatch(pattern):
                    raise ActionError(
                        f"'{pattern}' in '{key}' is no name of a package:"
                        " give names without version and architecture, '*' for any characters"
                    )


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns covers the whole name."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def upgrade_packages(selection: Selection, ctx: Context) -> None:
    """Update the selected packages. Raises ActionError, before anything is done where that can be known."""
    selection.check()
    environment, platform = ctx.host.environment, ctx.host.platform
    program = choose_program([name for name in PROGRAMS if binary_exists(name, environment, platform)])
    if selection.excludes_all:
        ctx.log("nothing to update: everything is excluded")
        return
    with opened(program, selection.exclude, ctx) as manager:
        manager.refresh()
        before = manager.updates()
        _refuse_what_escaped(program, selection, before)
        _announce(selection, before, ctx)
        after = _upgraded(manager, selection, before, ctx)
    left = [name for name in after.names if selection.wants(name) and name in before.names]
    if left:
        ctx.log(f"{_count(left)} kept back: {', '.join(left)}")
    _fail_for_named(program, selection, left)


def choose_program(present: Collection[str]) -> str:
    """The first of PROGRAMS that is present. Raises ActionError when there is none."""
    for program in PROGRAMS:
        if program in present:
            return program
    raise ActionError(f"no package manager is on PATH; looked for {', '.join(PROGRAMS)}")


def opened(program: str, exclude: Sequence[str], ctx: Context) -> AbstractContextManager[PackageManager]:
    """The package manager `program`, told what to exclude."""
    if program == "apt-get":
        return apt_get.opened(exclude, ctx)
    if program == "zypper":
        return zypper.opened(exclude, ctx)
    return nullcontext(Dnf(program, exclude, ctx))


def _refuse_what_escaped(program: str, selection: Selection, before: Updates) -> None:
    """An excluded package that the manager would still update could come along with another one: stop in time."""
    for update in before.installable:
        if selection.excludes(update.name):
            raise ActionError(f"'{program}' does not leave out '{update.name}', which is excluded; nothing was updated")


def _announce(selection: Selection, before: Updates, ctx: Context) -> None:
    for pattern in selection.include:
        if not any(matches(name, (pattern,)) for name in before.names):
            ctx.log(f"no update for '{pattern}'")
    chosen = sorted(update for update in before.installable if selection.wants(update.name))
    wanted = [f"{update.spec} {update.version}" for update in chosen]
    ctx.log(f"{_count(wanted)} to update: {', '.join(wanted)}" if wanted else "nothing to update")


def _upgraded(manager: PackageManager, selection: Selection, before: Updates, ctx: Context) -> Updates:
    """Update what is wanted and return what is there to update afterwards."""
    wanted = [update for update in before.installable if selection.wants(update.name)]
    if not selection.include:
        manager.upgrade()
    elif wanted:
        manager.upgrade(wanted, [update for update in before.installable if not selection.wants(update.name)])
    if not wanted:
        return before
    after = manager.updates()
    updated = sorted({update.name for update in wanted}.difference(after.names))
    ctx.log(f"{_count(updated)} updated: {', '.join(updated)}" if updated else "nothing was updated")
    reason = manager.reboot_reason()
    if reason:
        ctx.log(f"a reboot is needed to complete the updates ({reason}); UpdateOS leaves that to you")
    return after


def _fail_for_named(program: str, selection: Selection, left: Sequence[str]) -> None:
    """What is kept back among all is the manager's affair; what the document names must not stay old in silence."""
    named = [name for name in selection.full_names if name in left]
    if named:
        raise ActionError(
            f"not updated: {', '.join(repr(name) for name in named)}; '{program}' keeps it back:"
            " it is held, or needs an excluded package or a removal"
        )


def _count(things: Sequence[object]) -> str:
    return counted(len(things), "package")
