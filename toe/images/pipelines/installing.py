"""Timers of pipelines on this machine: installed, listed and removed, with systemd's own commands.

Root's are units of the system, those of others of the user's own systemd. Both units are there, or none.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress

from toe.errors import ToeError
from toe.images.pipelines.units import LABELS, PREFIX, SECTION, Units
from toe.records import NamedTuple
from toe.system.files.staging import StagedFile, sync_folder
from toe.system.host import is_root

SYSTEM_FOLDER = "/etc/systemd/system"
_RUNNING = "/run/systemd/system"
_TIMER, _SERVICE = ".timer", ".service"
_MODE = 0o644


class Installed(NamedTuple):
    """A timer that is installed. `next_at` in seconds since the epoch, 0 where systemd does not say."""

    name: str
    pipeline: str
    file: str
    schedule: str
    timezone: str
    next_at: float = 0.0


class Place(NamedTuple):
    """Where units go, and how systemctl is called for them. `is_running`: there is a systemd that can be told."""

    folder: str
    systemctl: tuple[str, ...]
    is_running: bool


def place_of_units(environment: Mapping[str, str]) -> Place:
    """The system's place for root, the user's own for others. Raises ToeError where there is none."""
    is_running = os.path.isdir(_RUNNING)
    if is_root():
        return Place(SYSTEM_FOLDER, ("systemctl",), is_running)
    home = environment.get("HOME", "")
    base = environment.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else "")
    if not base.startswith("/"):
        raise ToeError("there is no place for units: neither HOME nor XDG_CONFIG_HOME is set")
    has_own = is_running and bool(environment.get("XDG_RUNTIME_DIR"))
    return Place(os.path.join(base, "systemd/user"), ("systemctl", "--user"), has_own)


def install(units: Units, place: Place) -> None:
    """Write both units and have the timer run, now and after each boot. Raises ToeError, and leaves nothing then."""
    timer, service = (os.path.join(place.folder, units.name + ending) for ending in (_TIMER, _SERVICE))
    before = {path: _content(path) for path in (timer, service)}
    try:
        os.makedirs(place.folder, exist_ok=True)
        _write(service, units.service)
        _write(timer, units.timer)
        _tell(place, "enable", units.name + _TIMER)
        if place.is_running:
            _tell(place, "daemon-reload")
            _tell(place, "restart", units.name + _TIMER)
    except (OSError, ToeError) as error:
        _undo(units.name, place, before)
        if isinstance(error, ToeError):
            raise
        raise ToeError(f"cannot write '{error.filename}': {error.strerror}", exit_code=1) from error


def uninstall(name: str, place: Place) -> None:
    """Stop the timer and remove both units; a run that is under way goes on. Raises ToeError."""
    timer, service = (os.path.join(place.folder, name + ending) for ending in (_TIMER, _SERVICE))
    _tell(place, "disable", *(("--now",) if place.is_running else ()), name + _TIMER)
    try:
        for path in (timer, service):
            with suppress(FileNotFoundError):
                os.unlink(path)
    except OSError as error:
        raise ToeError(f"cannot remove '{error.filename}': {error.strerror}", exit_code=1) from error
    if place.is_running:
        _tell(place, "daemon-reload")


def installed(place: Place) -> list[Installed]:
    """The timers of pipelines that are installed, by name."""
    try:
        names = sorted(os.listdir(place.folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ToeError(f"cannot read '{place.folder}': {error.strerror}") from error
    found = [name.removesuffix(_TIMER) for name in names if name.startswith(PREFIX) and name.endswith(_TIMER)]
    coming = _coming(place) if found else {}
    return [_described(name, place, coming.get(name + _TIMER, 0.0)) for name in found]


def check_events(events: tuple[str, ...]) -> None:
    """Have systemd itself look at calendar events, where it is here. Raises ToeError with its words."""
    program = shutil.which("systemd-analyze")
    for event in events if program else ():
        done = subprocess.run([str(program), "calendar", event], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ToeError(f"systemd does not take '{event}': {done.stderr.strip().splitlines()[-1]}")


def _described(name: str, place: Place, next_at: float) -> Installed:
    known = dict(_known(_content(os.path.join(place.folder, name + _TIMER)) or b""))
    pipeline, file, schedule, timezone = (known.get(label, "") for label in LABELS)
    return Installed(name.removeprefix(PREFIX), pipeline, file, schedule, timezone, next_at)


def _known(data: bytes) -> Iterator[tuple[str, str]]:
    """What the section of our own says."""
    _, _, ours = data.decode("utf-8", "replace").partition(f"[{SECTION}]\n")
    for line in ours.splitlines():
        label, equals, value = line.partition("=")
        if equals:
            yield label, value


def _coming(place: Place) -> dict[str, float]:
    """When timers come next, in seconds since the epoch, by unit."""
    if not place.is_running:
        return {}
    command = (*place.systemctl, "list-timers", "--all", "--output=json", f"{PREFIX}*")
    with suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
        return {timer["unit"]: timer["next"] / 1e6 for timer in told if timer.get("next")}
    return {}


def _undo(name: str, place: Place, before: Mapping[str, bytes | None]) -> None:
    """Have the units be what they were."""
    if not any(before.values()):
        with suppress(ToeError):
            _tell(place, "disable", *(("--now",) if place.is_running else ()), name + _TIMER)
    for path, data in before.items():
        with suppress(OSError):
            if data is None:
                os.unlink(path)
            else:
                _write(path, data.decode("utf-8", "surrogateescape"))
    if place.is_running:
        with suppress(ToeError):
            _tell(place, "daemon-reload")


def _write(path: str, text: str) -> None:
    with StagedFile(path, _MODE) as file:
        os.write(file.descriptor, text.encode("utf-8", "surrogateescape"))
        os.chmod(file.hidden, _MODE)  # whatever the umask is
        file.sync()
        file.place()
    sync_folder(os.path.dirname(path))


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def _tell(place: Place, *words: str) -> None:
    command = (*place.systemctl, "--quiet", *words)
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError as error:
        hint = "'toe pipeline install --dry-run' prints the units for another machine"
        raise ToeError(f"cannot start 'systemctl': {error.strerror}", hint=hint, exit_code=1) from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise ToeError(f"systemctl {words[0]}: {said[-1] if said else f'exit status {done.returncode}'}", exit_code=1)
