"""`toe pipeline`: run a pipeline of Image Builder here, or have systemd run it by its schedule."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from toe.check.formats.people_text import problem_text
from toe.cli.build import Lines, order_of
from toe.cli.command import unset
from toe.cli.options import COMMANDS
from toe.cli.order import template_parameters
from toe.cli.run import progress_sinks
from toe.cli.signals import end_on_signals, stop_on_signals
from toe.cli.summary import harmless_json, tell_machines
from toe.cli.terminal import printed, say, say_error, say_line
from toe.document.suggest import did_you_mean
from toe.errors import (
    EXIT_FAILED,
    EXIT_NOTHING_RUN,
    EXIT_SIGNAL_BASE,
    EXIT_SUCCESS,
    Interrupted,
    Severity,
    ToeError,
)
from toe.images.build import Hooks
from toe.images.distribution.sending import Outcome as Placed
from toe.images.pipelines.installing import Installed, check_events, install, installed, place_of_units, uninstall
from toe.images.pipelines.model import Pipeline
from toe.images.pipelines.reading import read_pipeline
from toe.images.pipelines.run import Asked, Outcome, PipelineRun, RunStatus, Stages, run_pipeline
from toe.images.pipelines.schedule import timezone_fault
from toe.images.pipelines.state import state_of
from toe.images.pipelines.summary import nothing_was_run, run_summary
from toe.images.pipelines.units import PREFIX, Command, Units, units_of
from toe.images.records import ImageRecord
from toe.images.side_file import side_file_of
from toe.images.store import Store, store_in
from toe.system.cancellation import Cancellation
from toe.system.state_directory import state_directory

VERBS = ("run", "install", "list", "uninstall")
#: Options of `run` that the timer's own command gets as well.
_PASSED_ON = ("resource", "images_file", "engine", "isolation", "platform", "log_directory", "state_directory")
_MANY_PASSED_ON = ("parameters", "env")
#: Variables that say where an engine keeps its images, and toe its state.
_ENVIRONMENT = (
    "HOME",  # systemd gives services of the system none
    "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF",
    "BUILDAH_ISOLATION",
    "DOCKER_HOST",
    "TOE_STATE_DIRECTORY",
    "XDG_STATE_HOME",
    "AWS_PROFILE",
    "AWS_REGION",
)


def pipeline(options: Mapping[str, Any]) -> int:
    """Carry out `toe pipeline` with the values of its options (toe.cli.options) and return the exit code."""
    verb, *words = options["paths"] or ("",)
    if verb not in VERBS:
        hint = f"there are {', '.join(VERBS)}"
        raise ToeError(f"unknown: 'toe pipeline {verb}'{did_you_mean(verb, VERBS)}", hint=hint)
    for key, owner in (("dry_run", "install"), ("scheduled", "run"), ("format", "list")):
        if options[key] and verb != owner:
            raise ToeError(f"--{key.replace('_', '-')} belongs to 'toe pipeline {owner}'")
    if verb == "list":
        return _list(words, options)
    if len(words) != 1:
        what = "the name of a pipeline" if verb == "uninstall" else "one file or folder"
        raise ToeError(f"'toe pipeline {verb}' takes {what}")
    if verb == "uninstall":
        return _uninstall(words[0])
    return _install(words[0], options) if verb == "install" else _run(words[0], options)


def _run(path: str, options: Mapping[str, Any]) -> int:
    cancellation = Cancellation()
    end_on_signals(lambda signal_name: say(f"toe: stopped by {signal_name}: nothing was run"))
    telling = Lines(quiet=bool(options["quiet"]))
    hooks = Hooks(telling, lambda: progress_sinks(options), telling.say)
    try:
        found = _read(path, options, telling)
        order = order_of({**unset(COMMANDS["build"]), **options, "paths": (path,), "format": ()})
        stop_on_signals(cancellation)
        directory = state_directory(options["state_directory"] or "", options["log_directory"] or ".")
        asked = Asked(order, directory, options["log_directory"] or "", bool(options["scheduled"]))
        behind = _Behind(store_in(directory), options, telling, cancellation)
        stages = Stages(distribute=behind.distribute, notify=behind.notify)
        run = run_pipeline(found, asked, stages, hooks, cancellation)
    except ToeError as error:
        _tell_nothing_was_run(error)
        tell_machines(harmless_json(nothing_was_run(error.message)), options["summary"])
        return error.exit_code
    except Interrupted:
        say(f"toe: stopped {cancellation.described}")
        tell_machines(harmless_json(nothing_was_run("stopped")), options["summary"])
        return EXIT_SIGNAL_BASE + cancellation.signal if cancellation.signal else EXIT_FAILED
    _tell_end(run, telling)
    complete = tell_machines(harmless_json(run_summary(run)), options["summary"])
    return run.exit_code or (EXIT_SUCCESS if complete else EXIT_FAILED)


class _Behind:
    """The stages behind a build: an image gets to the targets of the configuration, and people are told."""

    def __init__(self, store: Store, options: Mapping[str, Any], telling: Lines, cancellation: Cancellation) -> None:
        self._store = store
        self._images_file = options["images_file"] or ""
        self._quiet = bool(options["quiet"])
        self._telling = telling
        self._cancellation = cancellation
        self._placed: tuple[Placed, ...] = ()

    def distribute(self, found: Pipeline, record: ImageRecord, cancellation: Cancellation) -> Outcome:
        """See `Stages.distribute`."""
        from toe.cli.distribute import Lines as Distributing
        from toe.cli.distribute import distribution_data
        from toe.images.distribution.distribute import distribute as distribute_image
        from toe.images.distribution.model import source_of
        from toe.images.distribution.targets import plan_of
        from toe.images.provenance.beside import publish_statement

        assert found.distribution is not None  # else nobody asks
        source = source_of(record)
        side = side_file_of(found.distribution.place.file, self._images_file)
        plan = plan_of(source, found.distribution, side)
        lines = Distributing(quiet=self._quiet)
        for remark in plan.remarks:
            self._telling.say(f"info     {remark}")
        result = distribute_image(source, plan, self._store, cancellation, lines)
        self._placed = result.outcomes
        left = publish_statement(self._store, record, result, cancellation) if result.succeeded else []
        lines.ends(source, result)
        return Outcome("; ".join((*result.failures, *left)), distribution_data(source, plan, result, left))

    def notify(self, run: PipelineRun) -> Outcome:
        """See `Stages.notify`: toe-images.yml and the infrastructure say who. Nobody is told of a stop."""
        from toe.images.distribution.model import Source, source_of
        from toe.images.model import CONTAINER
        from toe.images.notices.message import AVAILABLE, FAILED, Change
        from toe.images.notices.notify import notify
        from toe.images.side_file import SNS, Notice

        notices = side_file_of(run.pipeline.recipe_file, self._images_file).notices
        topic = run.pipeline.infrastructure.topic
        if topic:
            notices = (*notices, Notice(SNS, (topic,)))
        if run.build is None or run.status not in (RunStatus.SUCCESS, RunStatus.FAILED):
            return Outcome()
        record = run.build.record
        source = (
            source_of(record)
            if record is not None
            else Source(run.build.build, run.build.recipe, run.build.version, CONTAINER, time.time())
        )
        succeeded = run.status is RunStatus.SUCCESS
        previous = "DISTRIBUTING" if run.distribution is not None else "TESTING"
        change = Change(
            source,
            AVAILABLE if succeeded else FAILED,
            "" if succeeded else run.why,
            previous,
            self._placed,
            record,
            run.pipeline.name,
        )
        failed = notify(notices, change, self._cancellation)
        return Outcome("; ".join(failed), {"told": len(notices) - len(failed)})


def _read(path: str, options: Mapping[str, Any], telling: Lines) -> Pipeline:
    given = template_parameters(options["parameters"])
    found = read_pipeline(path, resource=options["resource"] or "", parameters=given)
    for problem in found.told:
        if problem.severity is not Severity.INFO or not options["scheduled"]:
            telling.say(f"{problem.place}: {problem.severity}: {problem.message}")
    return found


def _tell_end(run: PipelineRun, telling: Lines) -> None:
    if run.build is not None:
        telling.ends(run.build)
    if run.status is RunStatus.SKIPPED:
        telling.say(f"skipped  {run.pipeline.name}: {run.why}")
    elif run.build is not None and run.build.failure is None and run.status is RunStatus.FAILED:
        say_line(f"toe: error: {run.why}")
    if run.notices is not None and run.notices.failure:
        say_line(f"toe: warning: {run.notices.failure}")


def _tell_nothing_was_run(error: ToeError) -> None:
    if not error.problems:
        say_error(error)
        return
    for problem in error.problems:
        say(problem_text(problem))
    say_line("toe: nothing was run")


def _install(path: str, options: Mapping[str, Any]) -> int:
    found = _read(path, options, Lines(quiet=bool(options["quiet"])))
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
            is_path = key in ("images_file", "log_directory", "state_directory")
            words.append(f"--{key.replace('_', '-')}={os.path.abspath(values[key]) if is_path else values[key]}")
    return words + [f"--{key}={value}" for key in _MANY_PASSED_ON for value in options[key]]


def _toe() -> list[str]:
    """How this very toe is called, from any folder: `-m` would look for it in that one first."""
    for path in (sys.argv[0], os.path.join(os.path.dirname(sys.executable), "toe")):
        own = os.path.abspath(path)
        if os.path.basename(own) in ("toe", "awstoe") and os.access(own, os.X_OK):
            return [own]
    start = "import sys; sys.path[:] = filter(None, sys.path); from toe.__main__ import main; main()"
    return [sys.executable, "-c", start]


def _list(words: Sequence[str], options: Mapping[str, Any]) -> int:
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


def _uninstall(name: str) -> int:
    place = place_of_units(os.environ)
    there = installed(place)
    named = [one for one in there if name in (one.name, one.pipeline, PREFIX + one.name)]
    if not named:
        near = did_you_mean(name, [one.name for one in there])
        hint = f"there are: {', '.join(one.name for one in there)}" if there else "none is installed"
        raise ToeError(f"no pipeline '{name}' is installed{near}", hint=hint, exit_code=EXIT_NOTHING_RUN)
    uninstall(PREFIX + named[0].name, place)
    return printed(f"removed {PREFIX}{named[0].name}.timer\n")
