"""`toe pipeline install`, `list` and `uninstall`: the timers of systemd that run pipelines by their schedules."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from toe.cli.summary import harmless_json
from toe.cli.terminal import printed, say_line
from toe.document.suggest import did_you_mean
from toe.errors import EXIT_NOTHING_RUN, EXIT_SUCCESS, ToeError
from toe.images.pipelines.installing import Installed, check_events, install, installed, place_of_units, uninstall
from toe.images.pipelines.model import Pipeline
from toe.images.pipelines.schedule import timezone_fault
from toe.images.pipelines.state import state_of
from toe.images.pipelines.units import PREFIX, Command, Units, units_of
from toe.images.store import store_in
from toe.system.state_directory import state_directory

#: Options of `run` that the timer's own command gets as well.
_PASSED_ON = (
    *("resource", "images_file", "engine", "isolation", "platform", "log_directory", "state_directory"),
    *("cache_from", "cache_to", "fail_on_severity", "sign"),
)
_MANY_PASSED_ON = ("parameters", "env", "refresh")
_FLAGS_PASSED_ON = ("no_cache", "fetch")
#: Variables that say where an engine keeps its images, toe its state, and others logins and certificates.
_ENVIRONMENT = (
    "HOME",  # systemd gives services of the system none
    "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF",
    "BUILDAH_ISOLATION",
    "DOCKER_HOST",
    "DOCKER_CONFIG",
    "REGISTRY_AUTH_FILE",
    "SSL_CERT_FILE",
    "TOE_STATE_DIRECTORY",
    "XDG_STATE_HOME",
    "AWS_PROFILE",
    "AWS_REGION",
)


def install_timer(found: Pipeline, path: str, options: Mapping[str, Any]) -> int:
    """Carry out `toe pipeline install` for a pipeline of the file or folder `path`, and return the exit code."""
    units = _units(found, path, options)
    if options["dry_run"]:
        text = (("timer", units.timer), ("service", units.service))
        return printed("\n".join(f"# {units.name}.{ending}\n{unit}" for ending, unit in text))
    place = place_of_units(os.environ)
    install(units, place)
    if not place.is_running:
        say_line("toe: systemd does not run here: the timer begins with the next boot")
    elif place.systemctl[1:]:
        say_line("toe: timers of a user run while he is logged in; always after 'loginctl enable-linger'")
    return printed(f"installed {units.name}.timer in {place.folder}\n")


def _units(found: Pipeline, path: str, options: Mapping[str, Any]) -> Units:
    """The units of a pipeline's schedule. Raises ToeError without one, and for what systemd does not take."""
    schedule = found.schedule
    if schedule is None:
        raise ToeError(f"{found.place}: the pipeline '{found.name}' has no schedule", hint="toe pipeline run starts it")
    fault = timezone_fault(schedule.timezone)
    if fault:
        raise ToeError(f"{found.place}: {fault}", hint="a name such as Europe/Berlin")
    check_events(schedule.on_calendar())
    absolute = os.path.abspath(path)
    argv = [*_toe(), "pipeline", "run", "--scheduled", *_passed_on(found, options), absolute]
    environment = [(name, os.environ[name]) for name in _ENVIRONMENT if os.environ.get(name)]
    folder = absolute if os.path.isdir(absolute) else os.path.dirname(absolute)
    return units_of(found.name, found.key, absolute, schedule, Command(argv, folder, environment))


def _passed_on(found: Pipeline, options: Mapping[str, Any]) -> list[str]:
    values = {**options, "resource": found.name}
    words = []
    for key in _PASSED_ON:
        if values[key]:
            is_path = key in ("images_file", "log_directory", "state_directory", "sign")
            words.append(f"--{key.replace('_', '-')}={os.path.abspath(values[key]) if is_path else values[key]}")
    words += [f"--{key.replace('_', '-')}" for key in _FLAGS_PASSED_ON if options[key]]
    return words + [f"--{key}={value}" for key in _MANY_PASSED_ON for value in options[key]]


def _toe() -> list[str]:
    """How this very toe is called, from any folder: `-m` would look for it in that one first.

    Of a bundle it is the one file (toe/bundle/start.sh tells it): what that unpacks may be gone when a timer comes.
    """
    one_file = sys._xoptions.get("toe_one_file")
    if isinstance(one_file, str) and os.access(one_file, os.X_OK):
        return [os.path.abspath(one_file)]
    for path in (sys.argv[0], os.path.join(os.path.dirname(sys.executable), "toe")):
        own = os.path.abspath(path)
        if os.path.basename(own) in ("toe", "awstoe") and os.access(own, os.X_OK):
            return [own]
    start = "import sys; sys.path[:] = filter(None, sys.path); from toe.__main__ import main; main()"
    return [sys.executable, "-c", start]


def list_timers(words: Sequence[str], options: Mapping[str, Any]) -> int:
    """Carry out `toe pipeline list` and return the exit code."""
    if words:
        raise ToeError(f"'toe pipeline list' takes no name, such as '{words[0]}'")
    if options["format"] not in (None, "text", "json"):
        raise ToeError(f"unknown format '{options['format']}'", hint="formats: text, json")
    there = installed(place_of_units(os.environ))
    store = store_in(state_directory(options["state_directory"] or "", "."))
    rows = [(one, state_of(store, one.name)) for one in there]
    if options["format"] == "json":
        data = [{**one._asdict(), "state": state.as_data} for one, state in rows]
        return printed(harmless_json({"pipelines": data}))
    if not rows:
        say_line("no pipeline is installed: toe pipeline install FILE")
        return EXIT_SUCCESS
    table = [("NAME", "SCHEDULE", "NEXT", "LAST", "STATUS")]
    for one, state in rows:
        status = "disabled after failures" if state.is_disabled else state.last_status or "never ran"
        table.append((one.name, _schedule_text(one), _time(one.next_at), _time(state.started_at), status))
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)
    return printed("".join(f"{line}\n" for line in lines))


def _schedule_text(one: Installed) -> str:
    return f"{one.schedule} {one.timezone}" if one.schedule.startswith("cron") else one.schedule


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)) if seconds else "-"


def uninstall_timer(name: str) -> int:
    """Carry out `toe pipeline uninstall` and return the exit code."""
    place = place_of_units(os.environ)
    there = installed(place)
    named = [one for one in there if name in (one.name, one.pipeline, PREFIX + one.name)]
    if not named:
        near = did_you_mean(name, [one.name for one in there])
        hint = f"there are: {', '.join(one.name for one in there)}" if there else "none is installed"
        raise ToeError(f"no pipeline '{name}' is installed{near}", hint=hint, exit_code=EXIT_NOTHING_RUN)
    uninstall(PREFIX + named[0].name, place)
    return printed(f"removed {PREFIX}{named[0].name}.timer\n")
