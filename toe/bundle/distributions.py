"""Which installed Python packages `toe` needs at run time: its own, and all that these ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from toe.errors import ToeError

OWN = "toe-executor"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRAS = re.compile(r"\[([^\]]*)\]")
_EXTRA_MARKER = re.compile(r"""\bextra\s*==\s*["']([^"']+)["']""")


def needed_distributions(extras: tuple[str, ...]) -> list[metadata.Distribution]:
    """The distributions that `toe` with these extras needs, without itself, by name.

    Raises ToeError for an extra that `toe` does not have, and for a package that is not installed here.
    """
    own = metadata.distribution(OWN)
    offered = set(own.metadata.get_all("Provides-Extra") or ())
    for extra in extras:
        if extra not in offered:
            raise ToeError(f"toe has no extra '{extra}'", hint=f"extras: {', '.join(sorted(offered))}")
    found = {OWN: own}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    waiting = list(_requirements(own, extras))
    while waiting:
        name, its_extras, is_conditional, asked_by = waiting.pop()
        if (name, its_extras) in seen:  # packages ask for each other, and `toe[test]` for `toe[aws]`
            continue
        seen.add((name, its_extras))
        try:
            distribution = found[name] = found.get(name) or metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if is_conditional:  # of another Python or system: what is not installed is not needed here
                continue
            hint = f"pip install 'toe-executor[{asked_by}]'" if asked_by else "install toe once more"
            raise ToeError(f"the package '{name}' is not installed", hint=hint) from None
        waiting.extend(_requirements(distribution, its_extras))
    return [found[name] for name in sorted(found.keys() - {OWN})]


def _requirements(
    distribution: metadata.Distribution, extras: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...], bool, str]]:
    """Each requirement: name, extras asked of it, whether only some Pythons or systems need it, the extra it is for."""
    for requirement in distribution.requires or ():
        wanted, _, marker = requirement.partition(";")
        extra = _EXTRA_MARKER.search(marker)
        if extra is not None and extra[1] not in extras:
            continue
        name = _NAME.match(wanted.strip())
        if name is None:
            continue
        asked = _EXTRAS.search(wanted)
        its_extras = tuple(one.strip() for one in asked[1].split(",")) if asked else ()
        rest = _EXTRA_MARKER.sub("", marker).replace("and", "").strip(" ()")
        yield name[0].lower().replace("_", "-"), its_extras, bool(rest), extra[1] if extra else ""


def installed_files(distribution: metadata.Distribution) -> Iterator[tuple[Path, str]]:
    """The files of a distribution and their names below `site-packages`; no scripts, nothing compiled by Python."""
    for file in distribution.files or ():
        if ".." in file.parts or "__pycache__" in file.parts:
            continue
        source = Path(str(file.locate()))
        if source.is_file():
            yield source, file.as_posix()
