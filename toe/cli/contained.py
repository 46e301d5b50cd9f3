"""`toe run --in IMAGE`: the run is in a container that is thrown away; it is shown and logged as one that is here."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

from toe.cli.command import split_names
from toe.cli.in_machine import is_disk, run_in_machine
from toe.cli.terminal import STDERR, say, say_error, say_line
from toe.errors import EXIT_SIGNAL_BASE, EXIT_SUCCESS, Interrupted, ToeError
from toe.images.capsule import Capsule, capsule
from toe.images.engines.base import CHROOT, MISSING, Container, Engine, Kept, Mount
from toe.images.engines.buildah_container import BUILDAH
from toe.images.engines.find import ISOLATIONS, find_engine
from toe.images.gather import chosen_environment, gathered
from toe.images.guest import NotStartedError, run_in
from toe.images.in_container import ContainerGuest, clean, container_guest
from toe.results import RunResult
from toe.session.logs import LogPlace, new_place
from toe.session.order import AUTO, NEVER, Order
from toe.system.cancellation import Cancellation

#: Options of `toe run` that have no meaning for a run in a container, and why.
_SENSELESS = {"state_directory": "its state goes with the container"}


def run_contained(order: Order) -> RunResult:
    """Carry out an order of the command line in a container, with its hooks. Raises ToeError when nothing was run."""
    options = order.options
    _refuse_senseless(order)
    isolation = options["isolation"] or ""
    if isolation and isolation not in ISOLATIONS:
        raise ToeError(f"unknown isolation '{isolation}'", hint=f"--isolation {', '.join(ISOLATIONS)}")
    mounts = [_mount(text) for text in options["mount"]]
    order = order._replace(environment=chosen_environment(split_names(options["env"]), os.environ))
    order = gathered(order, os.environ)
    if is_disk(options["in"]):
        return run_in_machine(order)
    if options["network"]:
        raise ToeError("--network is for machines: a container has the network that its engine gives it")
    engine = find_engine(options["engine"] or "", isolation)
    return _Contained(order, engine, mounts).run()


def _refuse_senseless(order: Order) -> None:
    for key, why in _SENSELESS.items():
        if order.options[key]:
            raise ToeError(f"--in and --{key.replace('_', '-')} exclude each other: {why}")
    if order.reboot not in (AUTO, NEVER):
        raise ToeError("with --in a reboot starts the container again", hint=f"--reboot {AUTO} or {NEVER}")


def _mount(text: str) -> Mount:
    """FOLDER[:TARGET]; without a target it is where it is here. Raises ToeError."""
    source, _, target = text.partition(":")
    path = Path(os.path.abspath(source))
    if not path.is_dir():
        raise ToeError(f"--mount: there is no folder '{source}'", hint="--mount FOLDER or --mount FOLDER:TARGET")
    target = target or str(path)
    if not target.startswith("/"):
        raise ToeError(f"--mount: '{target}' is no absolute path", hint="it is a path in the container")
    return Mount(path, target)


class _Contained:
    """One run in a container: what it needs, and what becomes of the container."""

    def __init__(self, order: Order, engine: Engine, mounts: list[Mount]) -> None:
        self._order, self._engine, self._mounts = order, engine, mounts
        self._image: str = order.options["in"]
        self._cancellation = order.cancellation or Cancellation()

    def run(self) -> RunResult:
        """From the search for what others left to the end of the container. Raises ToeError when nothing was run."""
        try:
            return self._run()
        except Interrupted:
            number = self._cancellation.signal or signal.SIGTERM
            raise ToeError(f"interrupted {self._cancellation.described}", exit_code=EXIT_SIGNAL_BASE + number) from None

    def _run(self) -> RunResult:
        order, engine = self._order, self._engine
        assert order.execution_id is not None
        order.begins(order.execution_id)  # from here on a signal is a request: no container is left behind
        clean(engine)
        engine.digest(self._image, pull=MISSING, cancellation=self._cancellation)
        with_capsule = capsule(self._cancellation, (lambda line: None) if order.options["quiet"] else say_line)
        self._cancellation.check()
        place = new_place(order.log_directory, order.execution_id, time.time_ns())
        self._order = order._replace(log_place=place)
        try:
            return self._in(engine, with_capsule, place)
        except NotStartedError:
            if order.options["isolation"] or engine.name != BUILDAH or engine.identity.endswith(CHROOT):
                raise
            say_line(
                "toe: warning: no process starts in a container of its own here: its files alone are apart (chroot)"
            )
            say("  it sees the processes and the network of this machine; --isolation chroot says that you know")
            return self._in(find_engine(engine.name, CHROOT), with_capsule, place)
        finally:
            self._end(place)

    def _in(self, engine: Engine, with_capsule: Capsule, place: LogPlace) -> RunResult:
        order = self._order
        with container_guest(engine, self._image, with_capsule, Path(place.folder), mounts=self._mounts) as guest:
            result = run_in(guest, order, os.getcwd())
            order.ends(result)
            try:
                self._after(guest, result)
            except ToeError as error:  # the result stands
                say_error(error)
        return result

    def _end(self, place: LogPlace) -> None:
        """A folder without logs is of no use; under sudo the others are the caller's."""
        try:
            os.rmdir(place.folder)
        except OSError:
            place.hand_over(self._order.report)

    def _after(self, guest: ContainerGuest, result: RunResult) -> None:
        """What `--shell` and `--keep` ask for."""
        options, container = self._order.options, guest.container
        if options["shell"] and result.exit_code != EXIT_SUCCESS and result.signal is None:
            if os.isatty(0) and os.isatty(STDERR):
                say("toe: a shell in the container; it ends with 'exit'")
                _open_shell(container)
            else:
                say("toe: warning: --shell opens none: there is no terminal")
        if options["keep"]:
            kept = container.keep()
            guest.is_kept = True
            _say_kept(kept)


def _open_shell(container: Container) -> None:
    """Ctrl-C is for what runs in it, which has the terminal. Its output goes where people read, stderr."""
    kept = container.keep(outlives=False)
    subprocess.run(kept.enter, stdout=STDERR, check=False)


def _say_kept(kept: Kept) -> None:
    say("toe: the container is kept")
    say(f"  a shell in it: {shlex.join(kept.enter)}")
    say(f"  remove it: {shlex.join(kept.remove)}")
