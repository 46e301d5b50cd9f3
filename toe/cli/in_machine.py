"""`toe run --in DISK`: the run is in a machine that is thrown away; it is shown and logged as one that is here."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

from toe.cli.terminal import STDERR, say, say_line
from toe.errors import EXIT_SIGNAL_BASE, EXIT_SUCCESS, Interrupted, ToeError
from toe.images.capsule import capsule
from toe.images.engines.work_folders import remove_left_folders
from toe.images.guest import run_in
from toe.images.machines.disks import Disk, disk_of
from toe.images.machines.in_machine import Given, MachineGuest, machine_guest
from toe.images.machines.programs import has_kvm, require_machines
from toe.results import RunResult
from toe.session.logs import LogPlace, new_place
from toe.session.order import Order
from toe.system.cancellation import Cancellation

ENGINE = "qemu"
#: Options of `toe run --in` that are for containers alone, and why.
_FOR_CONTAINERS = {
    "isolation": "a machine is apart by itself",
    "mount": "a machine has no folders of this one",
}


def is_disk(name: str) -> bool:
    """Whether `--in` names a file here: images of containers have other names."""
    return os.path.isfile(name)


def run_in_machine(order: Order) -> RunResult:
    """Carry out an order that has its documents in it, in a machine on a disk. Raises ToeError when nothing was run."""
    options = order.options
    for key, why in _FOR_CONTAINERS.items():
        if options[key]:
            raise ToeError(f"--{key} is for containers, and --in names a disk: {why}")
    if options["engine"] not in (None, "", ENGINE):
        raise ToeError(f"--in names a disk, which {options['engine']} cannot start", hint=f"--engine {ENGINE}, or none")
    cancellation = order.cancellation or Cancellation()
    try:
        return _run(order, cancellation)
    except Interrupted:
        number = cancellation.signal or signal.SIGTERM
        raise ToeError(f"interrupted {cancellation.described}", exit_code=EXIT_SIGNAL_BASE + number) from None


def _run(order: Order, cancellation: Cancellation) -> RunResult:
    require_machines()
    base = disk_of(Path(order.options["in"]))
    assert order.execution_id is not None
    order.begins(order.execution_id)  # from here on a signal lets what is under way come to its end
    remove_left_folders()
    if not has_kvm():
        say_line("toe: there is no KVM here: the machine's instructions are translated, which takes longer")
    place = new_place(order.log_directory, order.execution_id, time.time_ns())
    try:
        return _run_on(base, order._replace(log_place=place), place, cancellation)
    finally:
        try:  # a folder without logs is of no use; under sudo the others are the caller's
            os.rmdir(place.folder)
        except OSError:
            place.hand_over(order.report)


def _run_on(base: Disk, order: Order, place: LogPlace, cancellation: Cancellation) -> RunResult:
    given, logs = Given(network=bool(order.options["network"])), Path(place.folder)
    with machine_guest(base, capsule(cancellation, say_line), logs, cancellation, given=given) as guest:
        result = run_in(guest, order, os.getcwd())
        order.ends(result)
        _after(guest, order, result)
    return result


def _after(guest: MachineGuest, order: Order, result: RunResult) -> None:
    """What `--shell` and `--keep` ask for."""
    options = order.options
    if options["shell"] and result.exit_code != EXIT_SUCCESS and result.signal is None:
        if os.isatty(0) and os.isatty(STDERR):
            say("toe: the machine is started, with a shell on its console; it ends with 'exit'")
            subprocess.run(guest.keep(outlives=False).enter, stdout=STDERR, check=False)
        else:
            say("toe: warning: --shell opens none: there is no terminal")
    if options["keep"]:
        kept = guest.keep()
        guest.is_kept = True
        say("toe: the machine's disk is kept")
        say(f"  start it with a shell: {shlex.join(kept.enter)}")
        say(f"  remove it: {shlex.join(kept.remove)}")
