"""UpdateOS: command lines, answers of the package managers and selections, as pure functions on every system."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from toe.actions.base import Completed
from toe.actions.packages import apt_get, dnf, zypper
from toe.actions.packages.manager import Update, Updates
from toe.actions.packages.upgrade import Selection, choose_program
from toe.errors import ActionError
from toe.system.host import Host

if TYPE_CHECKING:
    from local_actions import Actions

pytest_plugins = ("local_actions",)


@pytest.mark.parametrize(
    ("present", "chosen"),
    [
        (("zypper", "yum", "dnf", "apt-get"), "apt-get"),
        (("zypper", "yum", "dnf"), "dnf"),
        (("zypper", "yum"), "yum"),
        (("zypper",), "zypper"),
    ],
)
def test_choose_program_takes_the_first_that_is_present(present: Sequence[str], chosen: str) -> None:
    assert choose_program(present) == chosen


def test_update_os_fails_when_there_is_no_package_manager(act: Actions, tmp_path: Path) -> None:
    act.ctx.host = act.ctx.host._replace(platform="linux", is_root=True, environment={"PATH": str(tmp_path)})
    with pytest.raises(ActionError, match="no package manager is on PATH; looked for apt-get, dnf, yum, zypper"):
        act("UpdateOS")


@pytest.mark.parametrize(("platform", "who"), [("linux", "root"), ("windows", "an administrator")])
def test_update_os_is_refused_without_the_rights(act: Actions, platform: str, who: str) -> None:
    act.ctx.host = Host(platform, os.environ, False, act.ctx.host.processes)
    with pytest.raises(ActionError, match=f"UpdateOS needs {who}$"):
        act("UpdateOS")


@pytest.mark.parametrize(
    "entry", ["", " ", "a b", "openssl=3.0", "--root=/", "a,b", "li[bc]", "a\nPin: x", "a:i386", "?"]
)
@pytest.mark.parametrize("key", ["include", "exclude"])
def test_update_os_refuses_what_is_no_name(act: Actions, key: str, entry: str) -> None:
    act.ctx.host = act.ctx.host._replace(platform="linux", is_root=True)
    with pytest.raises(ActionError) as caught:
        act("UpdateOS", **{key: ["openssl", entry]})
    assert caught.value.message.startswith(f"'{entry}' in '{key}' is no name of a package: ")


@pytest.mark.parametrize(
    ("include", "exclude", "wanted"),
    [
        ((), (), ["Lib", "g++-12", "lib", "lib-dev", "zlib1g"]),
        (("lib",), (), ["lib"]),
        (("lib*",), ("*-dev",), ["lib"]),
        (("*lib*", "g++*"), ("lib",), ["g++-12", "lib-dev", "zlib1g"]),
        ((), ("*b*",), ["g++-12"]),
        (("lib",), ("lib",), []),
        (("*.*",), (), []),
    ],
)
def test_selection_is_include_minus_exclude(
    include: tuple[str, ...], exclude: tuple[str, ...], wanted: list[str]
) -> None:
    selection = Selection(include, exclude)
    selection.check()
    assert [name for name in ("Lib", "g++-12", "lib", "lib-dev", "zlib1g") if selection.wants(name)] == wanted


def test_selection_knows_full_names_and_when_nothing_is_left() -> None:
    assert Selection(("a", "b*", "c"), ("c*",)).full_names == ("a",)
    assert Selection((), ("a", "**")).excludes_all
    assert not Selection(("a",), ("a*",)).excludes_all


def test_updates_names_each_package_once() -> None:
    updates = Updates((Update("b", "b:i386", "2"), Update("b", "b", "2")), ("c", "a", "b"))
    assert updates.names == ("a", "b", "c")


# apt-get

APT_ANSWER = """Reading package lists...
Calculating upgrade...
The following packages have been kept back:
  app libx:i386
  held
The following packages will be DOWNGRADED:
  pinned
The following packages will be upgraded:
  libc6 libc6:i386
2 upgraded, 1 newly installed, 1 downgraded, 0 to remove and 3 not upgraded.
Inst libc6 [2.36-9] (2.36-9+deb12u1 Debian:12/stable [amd64]) [libc6:i386 ]
Inst libc6:i386 [2.36-9] (2.36-9+deb12u1 Debian:12/stable [i386])
Inst pinned [2] (1 localhost [all])
Inst extra (1 localhost [all])
Conf libc6 (2.36-9+deb12u1 Debian:12/stable [amd64])
"""


def test_apt_get_answers_are_read() -> None:
    version = "2.36-9+deb12u1"
    assert apt_get.parse_updates(APT_ANSWER) == Updates(
        (Update("libc6", "libc6", version), Update("libc6", "libc6:i386", version)), ("app", "libx", "held")
    )
    assert apt_get.parse_updates("") == Updates()


def test_apt_get_command_lines() -> None:
    lock = ["-o", "DPkg::Lock::Timeout=600"]
    assert apt_get.refresh_argv() == ["apt-get", "update", "-o", "APT::Update::Error-Mode=any", *lock]
    assert apt_get.simulate_argv(["-o", "x=y"])[1:4] == ["upgrade", "--simulate", "--with-new-pkgs"]
    needs = ["--simulate", "--only-upgrade", "--no-remove", "-o", "x=y", "--", "a", "b:i386"]
    assert apt_get.needs_argv(["a", "b:i386"], ["-o", "x=y"]) == ["apt-get", "install", *needs]
    keep = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"]
    quiet = ["--with-new-pkgs", "--yes", "-o", "Dpkg::Use-Pty=0"]
    assert apt_get.upgrade_argv(["-o", "x=y"]) == ["apt-get", "upgrade", *quiet, *keep, *lock, "-o", "x=y"]


def test_apt_get_preferences_put_ours_first() -> None:
    pins = "Package: lib*\nPin: version *\nPin-Priority: -1\n\nPackage: app\nPin: version *\nPin-Priority: -1\n\n"
    assert apt_get.preferences_text(["lib*", "app", "lib*"], "Package: own\n") == f"{pins}Package: own\n"


@pytest.mark.parametrize(
    ("code", "stderr", "locked"),
    [
        (100, "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)\n", True),
        (100, "E: Could not get lock /var/lib/dpkg/lock - open (11: Resource temporarily unavailable)\n", True),
        (100, "E: Unable to locate package x\n", False),
        (0, "E: Could not get lock", False),
    ],
)
def test_apt_get_tells_a_held_lock(code: int, stderr: str, locked: bool) -> None:
    assert apt_get.is_locked(Completed(code, "", stderr)) is locked


def test_apt_get_says_why_a_reboot_is_needed(tmp_path: Path) -> None:
    flag = tmp_path / "reboot-required"
    assert apt_get.reboot_reason(str(flag)) == ""
    flag.write_text("*** System restart required ***\n")
    assert apt_get.reboot_reason(str(flag)) == str(flag)
    flag.with_name("reboot-required.pkgs").write_text("linux-base\nlibc6\nlinux-base\n")
    assert apt_get.reboot_reason(str(flag)) == f"{flag}: libc6, linux-base"


# dnf and yum

YUM_ANSWER = """Security: kernel-3.10.0-1160.el7.x86_64 is an installed security update

bind-libs.x86_64                32:9.11.4-26.P2.el7_9.16   updates
a-package-with-a-very-long-name-that-needs-a-line.noarch
                                2.20261124.1234567890-1.el7
                                                           updates
java-1.8.0-openjdk.i686         1:1.8.0.412.b08-1.el7_9    updates
bind-libs.x86_64                32:9.11.4-26.P2.el7_9.16   updates
Obsoleting Packages
new.noarch                      2-1                        updates
    old.noarch                  1-1                        @base
"""


def test_dnf_answers_are_read() -> None:
    long = "a-package-with-a-very-long-name-that-needs-a-line"
    java = "java-1.8.0-openjdk"
    assert dnf.parse_updates(YUM_ANSWER) == Updates(
        (
            Update("bind-libs", "bind-libs.x86_64", "32:9.11.4-26.P2.el7_9.16"),
            Update(long, f"{long}.noarch", "2.20261124.1234567890-1.el7"),
            Update(java, f"{java}.i686", "1:1.8.0.412.b08-1.el7_9"),
        )
    )
    assert dnf.parse_updates("") == Updates()
    assert dnf.parse_updates("\nObsoleting packages\nnew.noarch 2-1 updates\n") == Updates()


def test_dnf_command_lines() -> None:
    lock, without = "--setopt=exit_on_lock=True", ["--exclude=lib*", "--exclude=kernel"]
    assert dnf.refresh_argv("dnf") == ["dnf", lock, "clean", "expire-cache"]
    assert dnf.list_argv("yum", ["lib*", "kernel"]) == ["yum", "--quiet", lock, *without, "check-update"]
    best = "--setopt=best=False"
    assert dnf.upgrade_argv("dnf", ["a.noarch"], []) == ["dnf", "--assumeyes", lock, best, "upgrade", "a.noarch"]
    yum = ["yum", "--assumeyes", lock, best, "--skip-broken", *without, "upgrade"]
    assert dnf.upgrade_argv("yum", [], ["lib*", "kernel"]) == yum
    assert dnf.reboot_argv("dnf") == ["dnf", "needs-restarting", "-r"]
    assert dnf.reboot_argv("yum") == ["needs-restarting", "-r"]


def test_dnf_tells_a_held_lock() -> None:
    yum = "Another app is currently holding the yum lock; exiting as configured by exit_on_lock\n"
    assert dnf.is_locked(Completed(200, "", "metadata already locked by 7\n"))
    assert dnf.is_locked(Completed(1, "", yum))
    assert not dnf.is_locked(Completed(1, "", "Error: no repositories\n"))
    assert not dnf.is_locked(Completed(100, "", ""))


def test_dnf_says_why_a_reboot_is_needed() -> None:
    services = "Core libraries or services have been updated since boot-up:\n  * glibc\n  * systemd\n\n"
    needed = f"{services}Reboot is required to fully utilize these updates.\n"
    assert dnf.reboot_reason(Completed(1, needed, "")) == "needs-restarting: glibc, systemd"
    assert dnf.reboot_reason(Completed(1, "Reboot is required to ensure that ...", "")) == "needs-restarting"
    assert dnf.reboot_reason(Completed(1, "", "No such command: needs-restarting.")) == ""
    assert dnf.reboot_reason(Completed(0, "No core libraries or services have been updated.\n", "")) == ""


KERNELS = """kernel6.12 6.12.9-1.amzn2023.x86_64
kernel6.12 6.12.10-1.amzn2023.x86_64
kernel6.18 6.18.1-1.amzn2023.x86_64
kernel-headers 6.1.9-1.amzn2023.x86_64
kernel-tools 6.12.11-1.amzn2023.x86_64
package kernel-x is not installed
"""


@pytest.mark.parametrize(
    ("running", "newest"),
    [
        ("6.12.9-1.amzn2023.x86_64\n", "6.12.10-1.amzn2023.x86_64"),
        ("6.12.9-1.amzn2023.x86_64+rt\n", "6.12.10-1.amzn2023.x86_64"),
        ("6.12.10-1.amzn2023.x86_64\n", None),
        ("6.18.1-1.amzn2023.x86_64", None),
        ("6.1.0-44-cloud-amd64", None),
        ("", None),
    ],
)
def test_a_newer_kernel_is_one_of_the_package_whose_kernel_runs(running: str, newest: str | None) -> None:
    found = dnf.newer_kernel(dnf.parse_installed(KERNELS), running)
    assert (found and found.release) == newest


# zypper


def zypper_answer(*names: str, kind: str = "package") -> str:
    updates = (
        f'<update kind="{kind}" name="{n}" edition="2-1" arch="noarch" edition-old="1-1"><summary/>' for n in names
    )
    return f"<stream><update-list>{''.join(updates)}</update-list></stream>"


def test_zypper_answers_are_read() -> None:
    every = zypper_answer("app", "lib", "c++") + zypper_answer("product", kind="product")
    found = (Update("lib", "lib.noarch", "2-1"), Update("c++", "c++.noarch", "2-1"))
    assert zypper.parse_updates(zypper_answer("lib", "c++"), every) == Updates(found, ("app",))
    assert zypper.parse_updates("", "") == Updates()


def test_zypper_command_lines() -> None:
    start = ["zypper", "--non-interactive"]
    assert zypper.refresh_argv() == [*start, "refresh"]
    assert zypper.list_argv(kept_back=False) == [*start, "--xmlout", "list-updates"]
    assert zypper.list_argv(kept_back=True) == [*start, "--xmlout", "list-updates", "--all"]
    assert zypper.upgrade_argv(["a.noarch"]) == [*start, "update", "--auto-agree-with-licenses", "--", "a.noarch"]
    assert zypper.reboot_argv() == [*start, "needs-rebooting"]


def test_zypper_files_keep_what_the_machine_has(tmp_path: Path) -> None:
    (tmp_path / "own-locks").write_text("\nsolvable_name: own\n")
    own = ["[main]", "multiversion = provides:multiversion(kernel)", "# locksfile.path = /x"]
    own += [f" locksfile.path={tmp_path}/own-locks", ""]
    (tmp_path / "own.conf").write_text("\n".join(own))
    folder = tmp_path / "new"
    folder.mkdir()
    path = zypper.write_configuration(["lib*"], str(folder), {"ZYPP_CONF": str(tmp_path / "own.conf")})
    text = Path(path).read_text()
    assert "multiversion = provides:multiversion(kernel)\n" in text
    assert [line for line in text.splitlines() if line.startswith("locksfile")] == [f"locksfile.path = {folder}/locks"]
    lock = "type: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: lib*\n"
    assert (folder / "locks").read_text() == f"{lock}\n\nsolvable_name: own\n"


def test_zypper_tells_a_held_lock() -> None:
    assert zypper.is_locked(Completed(7, "", ""))
    assert not zypper.is_locked(Completed(4, "", ""))
    assert set(zypper.INFORMATION) == {102, 103, 106, 107}
