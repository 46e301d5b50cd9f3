"""UpdateOS on machines with real package managers: what is updated, what is left alone, what is said."""

from __future__ import annotations

import fcntl
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from package_repositories import MACHINES, Machine, Package, new_machine, run

import toe
from toe.events import LogLine, ProcessStarted
from toe.results import Status

ALL_NEW = {"app": "2", "lib": "2", "meta": "2", "solo": "2", "extra": "1"}
ALL_OLD = {"app": "1", "lib": "1", "meta": "1", "solo": "1"}
OWN_PACKAGES = (
    "/var/lib/dpkg/status",
    "/var/lib/rpm",
    "/var/lib/apt/extended_states",
    "/etc/zypp/locks",
    "/root/.rpmdb",
)


class Updated:
    """How a step of UpdateOS went: its result, and what it logged."""

    def __init__(self, result: toe.RunResult, events: list[Any]) -> None:
        self.step = result.documents[0].phases[0].steps[0]
        self.succeeded = self.step.status is Status.SUCCESS
        self.logged = [
            event.text.removeprefix("UpdateOS: ") for event in events if isinstance(event, LogLine) and not event.debug
        ]
        self.commands = [event.argv for event in events if isinstance(event, ProcessStarted)]

    def said(self, text: str) -> bool:
        return any(text in line for line in self.logged)


Update = Callable[..., Updated]


def only(*kinds: Any) -> pytest.MarkDecorator:
    """Run a test on machines of these kinds alone."""
    return pytest.mark.parametrize("machine", kinds, indirect=True)


#: yum is dnf by its other name here: what only repeats what dnf does is slow.
ALSO_YUM = only(*(kind for kind in MACHINES if kind != "yum"), pytest.param("yum", marks=pytest.mark.slow))


@pytest.fixture(scope="session")
def first_machine(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Machine]:
    """Makes one machine of each kind, to be copied."""
    made: dict[str, Machine] = {}

    def make(kind: str) -> Machine:
        if kind not in made:
            made[kind] = new_machine(kind, tmp_path_factory.mktemp(kind), like=made.values())
        return made[kind]

    return make


@pytest.fixture(params=["apt-get", "dnf", "zypper"])
def machine(request: pytest.FixtureRequest, first_machine: Callable[[str], Machine], tmp_path: Path) -> Machine:
    """A machine with the first version of app, lib, meta and solo."""
    return first_machine(request.param).copy(tmp_path / "root", tmp_path / "repository")


@pytest.fixture(autouse=True)
def _own_packages_stay() -> Iterator[None]:
    def state() -> list[Any]:
        return [os.stat(path).st_mtime_ns if os.path.exists(path) else None for path in OWN_PACKAGES]

    before = state()
    yield
    assert state() == before


@pytest.fixture
def update(machine: Machine, run_document: Callable[..., toe.RunResult]) -> Update:
    """Run UpdateOS with these inputs; `on_event` is told of what happens."""

    def run(*, on_event: Callable[[Any], None] = lambda event: None, **inputs: list[str]) -> Updated:
        events: list[Any] = []

        def told(event: Any) -> None:
            events.append(event)
            on_event(event)

        lines = ["name: Update", "schemaVersion: 1.0", "phases:", "  - name: build", "    steps:"]
        lines += ["      - name: Update", "        action: UpdateOS", f"        inputs: {inputs}"]
        return Updated(run_document("\n".join(lines), on_event=told, environment=machine.environment), events)

    return run


@ALSO_YUM
def test_update_os_updates_everything(machine: Machine, update: Update) -> None:
    machine.configuration("solo").write_text("mine\n")
    done = update()
    assert done.succeeded, done.step.failure_message
    assert machine.installed() == ALL_NEW
    assert machine.configuration("solo").read_text() == "mine\n"
    assert machine.configuration("lib").read_text() == "2\n"
    assert done.said("4 packages to update: app")
    assert done.said("4 packages updated: app, lib, meta, solo")
    assert not done.said("kept back")
    again = update()
    assert again.succeeded
    assert again.said("nothing to update")
    assert machine.installed() == ALL_NEW


def test_update_os_updates_what_is_included_and_what_it_needs(machine: Machine, update: Update) -> None:
    done = update(include=["app", "nosuch"])
    assert done.succeeded, done.step.failure_message
    assert machine.installed() == {**ALL_OLD, "app": "2", "lib": "2"}
    assert done.said("1 package updated: app")
    assert done.said("no update for 'nosuch'")


@only("apt-get", "zypper", pytest.param("dnf", marks=pytest.mark.slow))
def test_update_os_understands_wildcards(machine: Machine, update: Update) -> None:
    done = update(include=["*o*", "l*"], exclude=["*ta", "s*l*"])
    assert done.succeeded, done.step.failure_message
    assert machine.installed() == {**ALL_OLD, "lib": "2"}


def test_update_os_keeps_back_what_needs_an_excluded_package(machine: Machine, update: Update) -> None:
    done = update(exclude=["l*b", "extra"])
    assert done.succeeded, done.step.failure_message
    assert machine.installed() == {**ALL_OLD, "solo": "2"}
    assert done.said("1 package updated: solo")
    assert done.said("2 packages kept back: app, meta")


@ALSO_YUM
def test_update_os_fails_when_a_named_package_is_kept_back(machine: Machine, update: Update) -> None:
    done = update(include=["app", "solo"], exclude=["lib"])
    assert done.step.status is Status.FAILED
    assert "not updated: 'app'; " in done.step.failure_message
    assert machine.installed() == {**ALL_OLD, "solo": "2"}


def test_update_os_fails_when_the_lists_cannot_be_fetched(machine: Machine, update: Update) -> None:
    machine.repository.rename(machine.repository.with_name("gone"))
    done = update()
    assert done.step.status is Status.FAILED
    assert f"'{machine.kind} " in done.step.failure_message
    assert machine.installed() == ALL_OLD


def test_update_os_fails_when_a_package_cannot_be_installed(machine: Machine, update: Update) -> None:
    machine.publish(Package("meta", "3", fails=True))
    done = update(include=["meta"])
    assert done.step.status is Status.FAILED
    assert f"'{machine.kind} up" in done.step.failure_message
    assert machine.installed()["meta"] == "1"


def test_update_os_does_nothing_when_everything_is_excluded(machine: Machine, update: Update) -> None:
    done = update(exclude=["**"])
    assert done.succeeded
    assert done.said("nothing to update: everything is excluded")
    assert (machine.installed(), done.commands) == (ALL_OLD, [])


def test_update_os_never_removes_a_package(machine: Machine, update: Update) -> None:
    machine.publish(Package("meta", "3", clashes="solo"))
    assert update(include=["meta"]).step.status is Status.FAILED
    assert machine.installed()["solo"] == "1"
    assert update().succeeded
    installed = machine.installed()
    assert (installed["app"], "solo" in installed, installed["meta"] != "3") == ("2", True, True)


@only("dnf", "zypper")
def test_update_os_replaces_renamed_packages_when_all_are_updated(machine: Machine, update: Update) -> None:
    machine.publish(Package("single", "1", replaces="solo < 2"))
    machine.withdraw("solo", "2")
    assert update(include=["*o*"]).succeeded
    assert "single" not in machine.installed()
    assert update(exclude=["*o*"]).succeeded
    assert "single" not in machine.installed()
    assert update().succeeded
    assert machine.installed() == {"app": "2", "lib": "2", "meta": "2", "extra": "1", "single": "1"}


class Lock:
    """Something that holds a package manager's lock until UpdateOS, or the manager, says that it waits."""

    def __init__(self, release: Callable[[], None], waits: str) -> None:
        self._release = release
        self._waits = waits
        self.seen = 0

    def __call__(self, event: Any) -> None:
        text = event.text if isinstance(event, LogLine) else getattr(event, "data", b"").decode()
        if self._waits in text:
            self.seen += 1
            self._release()


@only("apt-get")
@pytest.mark.parametrize(
    ("lock", "waits"),
    [("var/lib/apt/lists/lock", "UpdateOS: waiting up to 600 seconds"), ("var/lib/dpkg/lock-frontend", "Waiting for")],
)
def test_update_os_waits_for_apts_locks(machine: Machine, update: Update, lock: str, waits: str) -> None:
    with open(machine.root / lock, "w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        holder = Lock(lambda: fcntl.lockf(file, fcntl.LOCK_UN), waits)
        done = update(on_event=holder)
    assert done.succeeded, done.step.failure_message
    assert holder.seen
    assert machine.installed() == ALL_NEW


@only("dnf")
def test_update_os_waits_for_dnfs_lock(machine: Machine, update: Update) -> None:
    lock = machine.root / "var/cache/dnf/metadata_lock.pid"
    lock.write_text(str(os.getpid()))
    holder = Lock(lock.unlink, "UpdateOS: waiting up to 600 seconds")
    done = update(on_event=holder)
    assert done.succeeded, done.step.failure_message
    assert holder.seen == 1
    assert machine.installed() == ALL_NEW


@only("dnf")
def test_update_os_waits_for_a_lock_only_so_long(
    machine: Machine, update: Update, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toe.actions.packages.manager.LOCK_SECONDS", 0)
    (machine.root / "var/cache/dnf/metadata_lock.pid").write_text(str(os.getpid()))
    done = update()
    assert "failed: another process held its lock for 0 seconds" in done.step.failure_message
    assert machine.installed() == ALL_OLD


@only("zypper")
def test_update_os_waits_for_zyppers_lock(machine: Machine, update: Update) -> None:
    (machine.root / "run").mkdir(exist_ok=True)
    with subprocess.Popen(["sleep", "1.5"]) as other:
        (machine.root / "run/zypp.pid").write_text(str(other.pid))
        threading.Thread(target=other.wait).start()
        done = update()
    assert done.succeeded, done.step.failure_message
    assert machine.installed() == ALL_NEW


@only("apt-get")
def test_update_os_keeps_marks_and_holds_of_apt(machine: Machine, update: Update) -> None:
    run("apt-mark", "auto", "lib", "solo", environment=machine.environment)
    run("apt-mark", "hold", "meta", environment=machine.environment)
    assert update(include=["solo", "m*"]).succeeded
    assert update().said("1 package kept back: meta")
    assert machine.installed() == {**ALL_OLD, "app": "2", "lib": "2", "solo": "2"}
    assert run("apt-mark", "showauto", environment=machine.environment).split() == ["lib", "solo"]
    assert update(include=["meta"]).step.failure_message.startswith("not updated: 'meta'; 'apt-get' keeps it back")


@only("apt-get")
def test_update_os_honours_the_machines_own_pins_but_never_downgrades(machine: Machine, update: Update) -> None:
    assert update(include=["solo"]).succeeded
    pins = machine.root / "etc/apt/preferences"
    pins.write_text(
        "Package: solo\nPin: version 1\nPin-Priority: 1001\n\n"
        "Package: meta\nPin: version 1\nPin-Priority: 900\n\n"
        "Package: lib\nPin: version 2\nPin-Priority: 1001\n"
    )
    (machine.root / "etc/apt/preferences.d/lib").write_text(pins.read_text())
    done = update(exclude=["lib"])
    assert done.succeeded, done.step.failure_message
    assert machine.installed() == {**ALL_OLD, "solo": "2"}
    assert update().succeeded
    assert machine.installed() == {**ALL_OLD, "solo": "2", "app": "2", "lib": "2"}


@only("zypper")
def test_update_os_honours_the_machines_own_locks(machine: Machine, update: Update) -> None:
    configuration = machine.root / "etc/zypp/own.conf"
    configuration.write_text(f"[main]\nlocksfile.path = {machine.root}/etc/zypp/own-locks\n")
    (machine.root / "etc/zypp/own-locks").write_text("\ntype: package\nmatch_type: glob\nsolvable_name: me*\n")
    machine.environment["ZYPP_CONF"] = str(configuration)
    done = update(exclude=["lib"])
    assert done.succeeded, done.step.failure_message
    assert machine.installed() == {**ALL_OLD, "solo": "2"}


REBOOT = "a reboot is needed to complete the updates"


@only("zypper")
def test_update_os_reports_that_zypper_asks_for_a_reboot(machine: Machine, update: Update) -> None:
    (machine.root / "etc/zypp/needreboot.d").mkdir()
    (machine.root / "etc/zypp/needreboot.d/lib").write_text("lib\n")
    assert not update(include=["solo"]).said(REBOOT)
    done = update()
    assert done.succeeded
    assert done.said(f"{REBOOT} (zypper needs-rebooting); UpdateOS leaves that to you")


@only("yum")
def test_update_os_reports_that_needs_restarting_asks_for_a_reboot(machine: Machine, update: Update) -> None:
    machine.wrapper("needs-restarting", 'echo "  * lib $1"; echo; echo "Reboot is required to go on."; exit 1')
    done = update(include=["lib"])
    assert done.succeeded
    assert done.said(f"{REBOOT} (needs-restarting: lib)")


@only("dnf")
def test_update_os_reports_no_reboot_when_dnf_lacks_the_plugin(machine: Machine, update: Update) -> None:
    done = update(include=["lib"])
    assert done.succeeded
    assert not done.said(REBOOT)


def with_kernels(machine: Machine, name: str, running: str, *releases: str) -> None:
    """Install a kernel of the first of these releases, and have another one in the repository; `running` runs."""
    machine.publish(*(Package(name, release, beside=True) for release in releases))
    run(machine.root / "bin" / machine.kind, "--assumeyes", "install", f"{name}-{releases[0]}")
    database = run("rpm", "--root", machine.root, "--eval", "%{_dbpath}").strip()
    machine.wrapper("rpm", f'exec /usr/bin/rpm --root {machine.root} --dbpath {database} "$@"')
    machine.wrapper("uname", f"echo {running}")


@pytest.mark.parametrize(
    ("machine", "name"),
    [
        ("dnf", "kernel"),
        *(pytest.param("dnf", name, marks=pytest.mark.slow) for name in ("kernel6.12", "kernel-ml-core")),
        *(pytest.param("yum", name, marks=pytest.mark.slow) for name in ("kernel", "kernel6.12", "kernel-ml-core")),
    ],
    indirect=["machine"],
)
def test_update_os_reports_a_newer_kernel_whatever_its_package_is_called(
    machine: Machine, update: Update, name: str
) -> None:
    with_kernels(machine, name, "6.12.9-1.noarch", "6.12.9", "6.12.10")
    done = update(include=[name])
    assert done.succeeded, done.step.failure_message
    assert done.said(f"{REBOOT} ({name} 6.12.10-1.noarch is installed, and 6.12.9-1.noarch runs)")


@only("dnf")
@pytest.mark.parametrize("running", ["6.12.10-1.noarch", "6.1.0-1.x86_64"])
def test_update_os_reports_no_reboot_for_the_kernel_that_runs_or_in_a_container(
    machine: Machine, update: Update, running: str
) -> None:
    with_kernels(machine, "kernel6.12", running, "6.12.9", "6.12.10")
    done = update()
    assert done.succeeded, done.step.failure_message
    assert done.said("kernel6.12")
    assert not done.said(REBOOT)
