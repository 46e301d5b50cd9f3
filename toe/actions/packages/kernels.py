"""Whether a newer kernel is installed than the one that runs, on rpm systems, whatever its package is called.

`needs-restarting` of dnf 4.3 knows packages called `kernel` and `kernel-rt`, not Amazon Linux' `kernel6.12` or ELRepo's
`kernel-ml` (amazonlinux/amazon-linux-2023#1125). Pure.
"""

from __future__ import annotations

import re

from toe.records import NamedTuple

#: Rpm's packages whose names begin as those of kernels do: a line for each, its name and what `uname -r` would say.
INSTALLED_ARGV = ("rpm", "-qa", "--queryformat", r"%{NAME} %{VERSION}-%{RELEASE}.%{ARCH}\n", "kernel*")
RUNNING_ARGV = ("uname", "-r")
_WITHOUT_A_KERNEL = re.compile(r".*-(devel|headers|debuginfo|debuginfo-common.*|doc|source|srpm-macros|tools.*)")


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

    None where the running kernel belongs to no package, as in a container. A kernel of another package is no update.
    """
    release = running.strip().partition("+")[0]  # variants of Red Hat: 5.14.0-70.el9.x86_64+rt
    families = {kernel.package for kernel in installed if kernel.release == release}
    newest = max((kernel for kernel in installed if kernel.package in families), key=_order, default=None)
    return None if newest is None or _order(newest) <= _order(Kernel("", release)) else newest


def _order(kernel: Kernel) -> list[tuple[int, int, str]]:
    """Orders releases nearly as rpm does: by their numbers and words, a number after a word."""
    parts = re.findall(r"\d+|[A-Za-z]+", kernel.release)
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]
