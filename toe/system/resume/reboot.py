"""The reboot of the machine. Whether it may happen, and what happens after it, is not decided here."""

from __future__ import annotations

from toe.errors import ToeError
from toe.system.boot import flush_disks
from toe.system.host import Host
from toe.system.resume.programs import find_program, run_program

_SYSTEMCTL, _SHUTDOWN = ("systemctl", "reboot"), ("shutdown", "-r", "now")
# /f: a program that asks whether to save would hold up the reboot; it is implied by a delay alone. The reason is
# "Application: Maintenance (Planned)", or the event log would call the reboot an unplanned one.
_SHUTDOWN_WINDOWS = ("/r", "/f", "/t", "0", "/d", "p:4:1")
_TIMEOUT_SECONDS = 60


def reboot_machine(host: Host, root: str = "/", *, timeout_seconds: float = _TIMEOUT_SECONDS) -> None:
    """Write everything to the disks and reboot; this returns once the system has taken the order.

    It then ends all processes, this one too. `timeout_seconds`: how long each program may take. Raises ToeError
    that tells of each way that was tried.
    """
    flush_disks()
    failures = []
    for way in reboot_ways(host):
        failure = _try(way, host, root, timeout_seconds)
        if not failure:
            return
        failures.append(failure)
    raise ToeError(
        f"the machine could not be rebooted: {'; '.join(failures)}", hint="reboot it by hand and the run goes on"
    )


def reboot_obstacle(host: Host, root: str = "/") -> str:
    """Why this machine cannot be rebooted by `reboot_machine`, as far as that can be known before; "" when it can."""
    programs = [way[0] for way in reboot_ways(host)]
    if any(find_program(program, host.environment, root) for program in programs):
        return ""
    return f"there is neither {' nor '.join(programs)}" if programs[1:] else f"there is no {programs[0]}"


def reboot_ways(host: Host) -> tuple[tuple[str, ...], ...]:
    """The command lines that reboot a machine of this platform, the preferred one first."""
    if host.platform == "windows":
        from toe.system.windows.program import system_program

        return ((system_program("shutdown.exe", host.environment), *_SHUTDOWN_WINDOWS),)
    return (_SHUTDOWN,) if host.platform == "darwin" else (_SYSTEMCTL, _SHUTDOWN)


def _try(way: tuple[str, ...], host: Host, root: str, timeout_seconds: float) -> str:
    """Why this way did not work, "" when it did."""
    name = " ".join(way)
    program = find_program(way[0], host.environment, root)
    if program is None:
        return f"{name}: not found"
    try:
        done = run_program([program, *way[1:]], host.environment, timeout_seconds=timeout_seconds)
    except ToeError as error:
        return f"{name}: {error.message}"
    return f"{name}: {done.complaint}" if done.exit_code else ""
