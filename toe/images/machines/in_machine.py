"""Documents run in a machine: on a disk over a base that is never written to, with drives for `toe` beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import join

from toe.errors import EXIT_FAILED, EXIT_SUCCESS, Interrupted, ToeError
from toe.images.capsule import Capsule
from toe.images.engines.base import Kept, Output
from toe.images.engines.owners import kept_name
from toe.images.guest import Folders, make_folders
from toe.images.locks import Locks
from toe.images.machines.disks import Disk, overlay, require_room
from toe.images.machines.drives import make_drive, read_file, settle, take_out
from toe.images.machines.loading import start_of
from toe.images.machines.network import NO_NETWORK
from toe.images.machines.own_loader import SILENCE_SECONDS as OWN_LOADER_SILENCE_SECONDS
from toe.images.machines.own_loader import OwnLoader
from toe.images.machines.power import ENDED_BY_ITSELF, SILENCE_SECONDS, End, Hearers, PowerOn
from toe.images.machines.qemu import Drive, Machine, command, console_options, raw
from toe.images.machines.seed import Seed, write_seed
from toe.images.machines.start import INSIDE, NO_CLOUD_INIT, Firmware, Start, only_script, scripts, shell_scripts
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation

#: What a run may write beside its disk: logs, and the state that it needs after a reboot.
_BOX_BYTES = 4 << 30
_CONSOLE = "machine-console.log"
_SEED = "seed"


class Given(NamedTuple):
    """What a machine is given beside its disk. `user_data` is for its cloud-init, which takes machines with the same
    `instance` for one machine; "" is a new one.
    """

    network: bool = False
    user_data: bytes = b""
    instance: str = ""


NOTHING = Given()


class MachineGuest:
    """A machine as a guest: `toe.images.guest.run_in` runs documents in it. `disk` takes all that it writes."""

    what = "machine"

    def __init__(
        self,
        disk: Disk,
        start: Start | Firmware | OwnLoader,
        folders: Folders,
        capsule: Capsule,
        drive: Path,
        given: Given,
    ) -> None:
        self.disk = disk
        self.folders = folders
        self.is_kept = False
        self.is_new = True
        self._starts_itself = isinstance(start, OwnLoader)
        self.silence_seconds = OWN_LOADER_SILENCE_SECONDS if self._starts_itself else SILENCE_SECONDS
        self.is_thrown_away = True
        self.grows = False
        self.afterwards = ""
        self._has_told = False
        self._start = start
        self._capsule = capsule
        self._drive = drive
        self._given = given
        self._box = folders.base / "box.img"
        self._seed: Path | None = None
        if self._starts_itself or given.user_data:
            self._seed = folders.base / _SEED
            instance = given.instance or folders.base.name
            write_seed(self._seed, Seed(instance, given.user_data, starts=self._starts_itself))

    def boot(self, cancellation: Cancellation, output: Output) -> int:
        """See `Guest.boot`."""
        request = self.folders.base / "request.img"
        files = scripts(
            self._capsule.command(f"{INSIDE}/capsule"),
            is_thrown_away=self.is_thrown_away,
            grows=self.grows and not self._starts_itself,
            has_network=self._given.network,
            afterwards=self.afterwards,
        )
        self._write_request(request, files)
        if not self._box.exists():
            _make_box(self._box, self.folders.base / "box")
        try:
            end = self._power_on(request, cancellation, output)
            require_room(self.folders.base)
        finally:
            request.unlink()
            self._take_results()
        self._tell_of_the_base(output)
        if end.code == EXIT_SUCCESS and end.why and not self.is_thrown_away:
            raise ToeError(f"the machine did not end by itself: {end.why}", exit_code=EXIT_FAILED)
        if end.code is None and not cancellation.requested:
            unasked = "" if end.begun or not self._starts_itself else "; cloud-init starts toe in it: has its disk one?"
            output("stderr", f"Error: {end.why}{unasked}; all of it: {self.folders.logs / _CONSOLE}\n".encode())
        return EXIT_FAILED if end.code is None else end.code

    def run_script(self, script: str, cancellation: Cancellation) -> None:
        """Run a script in place of the system, which ends the machine. Raises ToeError where that happens otherwise.

        `read_out` has what it wrote to the drive for results.
        """
        request = self.folders.base / "request.img"
        self._write_request(request, only_script(script))
        self._box.unlink(missing_ok=True)
        _make_box(self._box, self.folders.base / "box")
        with open(self.folders.logs / _CONSOLE, "ab") as console:
            silent = Hearers(lambda line: None, lambda line: None)
            end = PowerOn(self._machine(request), console, silent, cancellation, self.silence_seconds).run()
        require_room(self.folders.base)
        request.unlink()
        settle(self._box)
        if cancellation.requested:
            raise Interrupted
        if end.why and end.why != ENDED_BY_ITSELF:
            raise ToeError(
                f"the machine ended: {end.why}", hint=f"its console: {self.folders.logs / _CONSOLE}", exit_code=1
            )

    def read_out(self, inside: str) -> str:
        """A text that the machine has written to the drive for results, "" for none."""
        data = read_file(self._box, inside, self.folders.base / "taken")
        return (data or b"").decode("utf-8", "replace")

    def _power_on(self, request: Path, cancellation: Cancellation, output: Output) -> End:
        with (
            open(self.folders.logs / _CONSOLE, "ab") as console,
            open(self.folders.logs / "events.jsonl", "ab", buffering=0) as events,
        ):
            hearers = Hearers(
                event=lambda line: events.write(line + b"\n"), words=lambda line: output("stdout", line + b"\n")
            )
            power = PowerOn(self._machine(request), console, hearers, cancellation, self.silence_seconds)
            end = power.run()
            self.is_new = self.is_new and not end.begun
            return end

    def _machine(self, request: Path) -> Machine:
        own = (Drive(raw(self._drive)), Drive(raw(request)), Drive(raw(self._box), writable=True))
        return Machine((Drive(self.disk, writable=True), *own), self._start, self._seed, self._given.network)

    def _tell_of_the_base(self, output: Output) -> None:
        """Say once what of that which was asked for the base has nothing for."""
        if self._has_told:
            return
        self._has_told = True
        notes = []
        if self._given.user_data:
            notes.append((NO_CLOUD_INIT, "userDataOverride is not carried out: the base has no cloud-init"))
        if self._given.network:
            notes.append((NO_NETWORK, "--network: nothing in the base gets an address by DHCP"))
        for name, words in notes:
            if read_file(self._box, f"/out/{name}", self.folders.base / "note") is not None:
                output("stdout", f"toe: warning: {words}\n".encode())

    def _write_request(self, drive: Path, files: dict[str, str]) -> None:
        """The drive with the request and the scripts; secrets of the request are on it, so nobody else reads it."""
        folder = self.folders.base / "request"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        (folder / "in").mkdir(mode=0o700)
        for path in self.folders.request.iterdir():
            shutil.copy(path, folder / "in" / path.name)
        for name, text in files.items():
            (folder / name).write_text(text)
        try:
            make_drive(drive, folder)
        finally:
            shutil.rmtree(folder)

    def _take_results(self) -> None:
        """Have the logs here, and why nothing was run. Raises ToeError."""
        try:
            settle(self._box)
            self._take_files()
            _remove_empty(self.folders.logs)
        except OSError as error:
            message = f"cannot take the logs out of the machine: {error.strerror}"
            raise ToeError(message, hint="make room there", exit_code=EXIT_FAILED) from error

    def _take_files(self) -> None:
        take_out(self._box, "/logs", self.folders.logs)
        refusal = read_file(self._box, "/out/refusal.json", self.folders.base / "refusal")
        if refusal is not None:
            (self.folders.results / "refusal.json").write_bytes(refusal)

    def keep(self, *, outlives: bool = True) -> Kept:
        """Have it entered, by a script that starts it with a shell on its console; without `outlives` it goes with us.

        Raises ToeError.
        """
        request = self.folders.base / "shell.img"
        for path in self.folders.request.iterdir():  # it holds the secrets of the run
            path.unlink()
        self._write_request(request, shell_scripts())
        folder = self.folders.base
        if outlives:
            self._box.unlink(missing_ok=True)
            folder = folder.with_name(kept_name())
            self.folders.base.rename(folder)
            self.disk = self.disk._replace(path=folder / self.disk.path.name)
        script = folder / "enter"
        argv = command(self._shell_machine(folder, request), console_options())
        script.write_text(
            f"#!/bin/sh\n# A shell in the machine, which ends with it; so does Ctrl-A X.\nexec {join(argv)}\n"
        )
        return Kept(["sh", str(script)], ["rm", "-r", str(folder)])

    def _shell_machine(self, folder: Path, request: Path) -> Machine:
        """The machine in a folder that may have another name now; beside its disk is the drive with the scripts."""
        drive = Drive(raw(folder / request.name))
        disk = self.disk._replace(path=folder / self.disk.path.name)
        start = self._start.moved(self.folders.base, folder)
        seed = folder / _SEED if self._seed else None
        return Machine((Drive(disk, writable=True), drive, drive), start, seed, self._given.network)


@contextmanager
def machine_guest(
    base: Disk,
    capsule: Capsule,
    logs: Path,
    cancellation: Cancellation,
    *,
    size: int = 0,
    start: Start | OwnLoader | None = None,
    by_itself: Callable[[Disk, Path], Firmware] | None = None,
    given: Given = NOTHING,
) -> Iterator[MachineGuest]:
    """A machine on an overlay of a disk, removed at the end of the block unless it `is_kept`.

    `size` is that of its disk where it is more than that of the base, in bytes. `start` None: it is found out;
    `by_itself` makes the overlay one that starts by its loader, and gets a folder for what belongs to that. `given` is
    what it gets beside its disk. Raises ToeError.
    """
    folders = make_folders(logs)
    guest = None
    try:
        drive = capsule_drive(capsule, cancellation)
        disk = overlay(folders.base / "disk.qcow2", base, size)
        started = by_itself(disk, folders.base) if by_itself else start or start_of(base, folders.base)
        guest = MachineGuest(disk, started, folders, capsule, drive, given)
        yield guest
    finally:
        if guest is None or not guest.is_kept:
            shutil.rmtree(folders.base, ignore_errors=True)


def capsule_drive(capsule: Capsule, cancellation: Cancellation) -> Path:
    """The capsule as a drive, made once. Raises ToeError, and Interrupted when the run is stopped meanwhile."""
    drive = capsule.folder.with_name(f"{capsule.folder.name}.img")
    if not drive.exists():
        with Locks(str(drive.parent / "locks")).held(drive.name, cancellation):
            if not drive.exists():
                new = drive.with_name(f"new-{drive.name}")
                new.unlink(missing_ok=True)
                make_drive(new, capsule.folder)
                new.rename(drive)
    drive.touch()
    return drive


def _make_box(path: Path, folder: Path) -> None:
    for name in ("in", "out", "logs"):
        (folder / name).mkdir(parents=True, mode=0o700)
    try:
        make_drive(path, folder, size=_BOX_BYTES, journal=True)
    finally:
        shutil.rmtree(folder)


def _remove_empty(logs: Path) -> None:
    """Remove what was made for words that never came."""
    for path in logs.iterdir():
        if not path.stat().st_size and path.is_file():
            path.unlink()
