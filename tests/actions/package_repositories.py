"""Tiny packages in local repositories, and throw-away machines on which real package managers install them.

Each package holds one configuration file, /etc/NAME.conf, with its version. A machine is a folder: apt-get is pointed
at it by APT_CONFIG, dnf, yum and zypper by a program of that name, first on PATH, that adds the options for another
root. This computer's own packages are never touched.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: What must be on this computer for the tests of a package manager, and Debian's package that has it.
PROGRAMS = {
    "apt-get": {"apt-get": "apt", "dpkg-deb": "dpkg", "dpkg-scanpackages": "dpkg-dev"},
    "dnf": {"dnf": "dnf", "rpmbuild": "rpm", "createrepo_c": "createrepo-c"},
    "yum": {"dnf": "dnf", "rpmbuild": "rpm", "createrepo_c": "createrepo-c"},
    "zypper": {"zypper": "zypper", "rpmbuild": "rpm", "createrepo_c": "createrepo-c"},
}


class Package(NamedTuple):
    """`needs` and `clashes` in Debian's words, which rpm's nearly are; `replaces`, with rpm alone: its former name.

    `fails`: it cannot be installed. `beside`, with rpm alone: its versions are installed beside each other.
    """

    name: str
    version: str
    needs: str = ""
    clashes: str = ""
    replaces: str = ""
    fails: bool = False
    beside: bool = False


#: A machine has the first version of each; `extra` is only in the repository, for `meta` needs it.
FIRST = tuple(Package(name, "1") for name in ("app", "lib", "meta", "solo"))
SECOND = (
    Package("app", "2", needs="lib (>= 2)"),
    Package("lib", "2"),
    Package("meta", "2", needs="extra"),
    Package("solo", "2"),
    Package("extra", "1"),
)


def need_programs(kind: str) -> None:
    """Skip the test where the programs are missing, or nobody is root; in CI that is a failure."""
    missing = [package for program, package in PROGRAMS[kind].items() if not shutil.which(program, path=SYSTEM_PATH)]
    reason = f"needs Debian's packages {' '.join(missing)}" if missing else ""
    if os.geteuid() != 0:
        reason = "needs root"
    if reason and os.environ.get("CI"):
        pytest.fail(f"{reason}, which CI must have")
    if reason:
        pytest.skip(reason)


def run(*argv: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a program of this computer; its stdout."""
    settings = {"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **(environment or {})}
    done = subprocess.run(argv, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{argv}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class Machine:
    """A throw-away machine below `root` whose packages come from the repository below `repository`.

    `environment` is what UpdateOS gets to see of it.
    """

    kind: str

    def __init__(self, root: Path, repository: Path) -> None:
        self.root = root
        self.repository = repository
        self.environment = {"PATH": f"{root}/bin"}

    def publish(self, *packages: Package) -> None:
        """Put packages into the repository."""
        raise NotImplementedError

    def withdraw(self, name: str, version: str) -> None:
        """Take a package out of the repository."""
        for path in self.repository.rglob(f"{name}[-_]{version}[-_]*"):
            path.unlink()
        self.publish()

    def prepare(self, *packages: Package) -> None:
        """Make the root and install the first packages, by the package manager itself."""
        raise NotImplementedError

    def installed(self) -> dict[str, str]:
        """Names and versions of what is installed, as the package manager's own database says."""
        raise NotImplementedError

    def configuration(self, name: str) -> Path:
        """The configuration file of a package."""
        return self.root / "etc" / f"{name}.conf"

    def wrapper(self, program: str, script: str) -> None:
        """A program on the machine's PATH."""
        path = self.root / "bin" / program
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\nPATH={SYSTEM_PATH}\n{script}\n")
        path.chmod(0o755)

    def copy(self, root: Path, repository: Path) -> Machine:
        """The same machine and repository in other places."""
        shutil.copytree(self.root, root, symlinks=True)
        shutil.copytree(self.repository, repository)
        machine = type(self)(root, repository)
        machine.configure()
        return machine

    def configure(self) -> None:
        """Write what names the two places."""
        raise NotImplementedError


class AptMachine(Machine):
    kind = "apt-get"

    def __init__(self, root: Path, repository: Path) -> None:
        super().__init__(root, repository)
        self.environment = {"PATH": SYSTEM_PATH, "APT_CONFIG": f"{root}/apt.conf"}

    def publish(self, *packages: Package) -> None:
        self.repository.mkdir(exist_ok=True)
        for package in packages:
            self._build(package)
        index = run("dpkg-scanpackages", "--multiversion", self.repository)
        (self.repository / "Packages").write_text(index.replace(f"{self.repository}/", "./"))

    def _build(self, package: Package) -> None:
        tree = self.repository / "tree"
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "etc").mkdir()
        (tree / "etc" / f"{package.name}.conf").write_text(f"{package.version}\n")
        (tree / "DEBIAN" / "conffiles").write_text(f"/etc/{package.name}.conf\n")
        fields = [f"Package: {package.name}", f"Version: {package.version}", "Architecture: all"]
        fields += ["Maintainer: nobody <nobody@localhost>", "Description: a package for tests"]
        fields += [f"Depends: {package.needs}"] * bool(package.needs)
        fields += [f"Conflicts: {package.clashes}"] * bool(package.clashes)
        (tree / "DEBIAN" / "control").write_text("\n".join(fields) + "\n")
        if package.fails:
            # There is no shell in the root to run a script; a file of another package fails as well.
            (tree / "etc" / "solo.conf").write_text("in the way\n")
        run("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, self.repository)
        shutil.rmtree(tree)

    def prepare(self, *packages: Package) -> None:
        for folder in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/apt/lists/partial", "var/log/apt"):
            (self.root / folder).mkdir(parents=True)
        for folder in ("var/cache/apt/archives/partial", "etc/apt/preferences.d", "etc/apt/apt.conf.d"):
            (self.root / folder).mkdir(parents=True)
        (self.root / "var/lib/dpkg/status").touch()
        self.configure()
        run("apt-get", "update", environment=self.environment)
        names = [f"{package.name}={package.version}" for package in packages]
        run("apt-get", "install", "--yes", *names, environment=self.environment)

    def configure(self) -> None:
        (self.root / "etc/apt/sources.list").write_text(f"deb [trusted=yes] file:{self.repository} ./\n")
        (self.root / "apt.conf").write_text(
            f'Dir "{self.root}/";\n'
            f'Dir::State::status "{self.root}/var/lib/dpkg/status";\n'
            'Dir::Bin::dpkg "/usr/bin/dpkg";\n'
            f'DPkg::Options {{ "--root={self.root}"; }};\n'
            'APT::Architecture "amd64";\n'
            'APT::Architectures { "amd64"; };\n'
            'APT::Sandbox::User "root";\n'
        )

    def installed(self) -> dict[str, str]:
        text = run("dpkg-query", f"--admindir={self.root}/var/lib/dpkg", "--show", "-f=${Package} ${Version}\n")
        return dict(line.split() for line in text.splitlines())


class RpmMachine(Machine):
    """What dnf, yum and zypper share."""

    def publish(self, *packages: Package) -> None:
        self.repository.mkdir(exist_ok=True)
        for package in packages:
            self._build(package)
        run("createrepo_c", "--quiet", self.repository)

    def _build(self, package: Package) -> None:
        lines = [f"Name: {package.name}", f"Version: {package.version}", "Release: 1", "Summary: a package for tests"]
        lines += ["License: none", "BuildArch: noarch"]
        lines += [f"Requires: {re.sub('[()]', '', package.needs)}"] * bool(package.needs)
        lines += [f"Conflicts: {package.clashes}"] * bool(package.clashes)
        lines += [f"Obsoletes: {package.replaces}"] * bool(package.replaces)
        lines += ["Provides: installonlypkg(kernel)"] * package.beside
        lines += ["%description", "A package for tests.", "%install", "mkdir -p %{buildroot}/etc"]
        file = f"/etc/{package.name}{f'-{package.version}' if package.beside else ''}.conf"
        lines += [f"echo {package.version} > %{{buildroot}}{file}"]
        lines += ["%pre -p <lua>", 'error("this package fails")'] * package.fails
        lines += ["%files", f"%config(noreplace) {file}"]
        spec = self.repository / "package.spec"
        spec.write_text("\n".join(lines) + "\n")
        defined = {"_topdir": f"{self.repository}/build", "_rpmdir": str(self.repository), "_build_id_links": "none"}
        defined |= {"__os_install_post": "%{nil}", "_binary_payload": "w0.gzdio"}
        defined["_dbpath"] = f"{self.repository}/build/rpmdb"  # Debian's would be made in the home folder
        options = [option for name, value in defined.items() for option in ("--define", f"{name} {value}")]
        run("rpmbuild", "-bb", "--quiet", *options, spec)
        spec.unlink()
        shutil.rmtree(self.repository / "build")

    def installed(self) -> dict[str, str]:
        database = run("rpm", "--root", self.root, "--eval", "%{_dbpath}").strip()
        text = run("rpm", "--root", self.root, "--dbpath", database, "-qa", "--qf", "%{NAME} %{VERSION}\n")
        return dict(line.split() for line in text.splitlines())


class DnfMachine(RpmMachine):
    kind = "dnf"

    def prepare(self, *packages: Package) -> None:
        for folder in ("etc/yum.repos.d", "etc/dnf", "var/log", "var/cache/dnf"):
            (self.root / folder).mkdir(parents=True)
        self.configure()
        names = [f"{package.name}-{package.version}" for package in packages]
        run(self.root / "bin" / self.kind, "--assumeyes", "install", *names)

    def configure(self) -> None:
        # `best` is what Red Hat and Amazon ship: a package that cannot have its newest version stops everything.
        (self.root / "etc/dnf/dnf.conf").write_text("[main]\ngpgcheck=0\nbest=True\n")
        (self.root / "etc/yum.repos.d/local.repo").write_text(
            f"[local]\nname=local\nbaseurl=file://{self.repository}\n"
        )
        self.wrapper(
            self.kind,
            f"exec /usr/bin/dnf --installroot={self.root} --releasever=1 --config={self.root}/etc/dnf/dnf.conf"
            f" --setopt=reposdir={self.root}/etc/yum.repos.d --setopt=cachedir={self.root}/var/cache/dnf"
            f" --setopt=logdir={self.root}/var/log --setopt=pluginpath={self.root}/plugins"
            ' "$@"',
        )


class YumMachine(DnfMachine):
    """dnf 4 by its other name; yum 3 itself is not to be had here."""

    kind = "yum"


class ZypperMachine(RpmMachine):
    kind = "zypper"

    def __init__(self, root: Path, repository: Path) -> None:
        super().__init__(root, repository)
        # libzypp looks for every path below the root, so the temporary files must be there.
        self.environment["TMPDIR"] = f"{root}/tmp"

    def prepare(self, *packages: Package) -> None:
        for folder in ("etc/zypp/repos.d", "var/log", "tmp"):
            (self.root / folder).mkdir(parents=True)
        self.configure()
        program = self.root / "bin/zypper"
        run(program, "--non-interactive", "refresh")
        names = [f"{package.name}={package.version}" for package in packages]
        run(program, "--non-interactive", "install", *names)

    def configure(self) -> None:
        (self.root / "etc/zypp/repos.d/local.repo").write_text(
            f"[local]\nname=local\nenabled=1\nbaseurl=dir:{self.repository}\ngpgcheck=0\ntype=rpm-md\n"
        )
        self.wrapper("zypper", f'exec /usr/bin/zypper --root {self.root} "$@"')


MACHINES: dict[str, type[Machine]] = {
    machine.kind: machine for machine in (AptMachine, DnfMachine, YumMachine, ZypperMachine)
}


def new_machine(kind: str, folder: Path, like: Iterable[Machine] = ()) -> Machine:
    """A machine with the first packages, and a repository that has the second ones too.

    The repository is copied from a machine of `like` that takes the same packages, where there is one.
    """
    need_programs(kind)
    machine = MACHINES[kind](folder / "root", folder / "repository")
    machine.root.mkdir()
    for other in like:
        if isinstance(machine, RpmMachine) and isinstance(other, RpmMachine):
            shutil.copytree(other.repository, machine.repository)
            break
    else:
        machine.publish(*FIRST, *SECOND)
    machine.prepare(*FIRST)
    return machine
