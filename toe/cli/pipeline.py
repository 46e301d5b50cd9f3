"""`toe pipeline`: run a pipeline of Image Builder here; what it has systemd do is in `pipeline_timers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.check.formats.people_text import problem_text
from toe.cli.behind_a_build import Behind
from toe.cli.build import Lines, order_of
from toe.cli.command import unset
from toe.cli.options import COMMANDS
from toe.cli.order import template_parameters
from toe.cli.pipeline_timers import install_timer, list_timers, uninstall_timer
from toe.cli.run import progress_sinks
from toe.cli.signals import end_on_signals, stop_on_signals
from toe.cli.summary import harmless_json, tell_machines
from toe.cli.terminal import say, say_error, say_line
from toe.document.suggest import did_you_mean
from toe.errors import (
    EXIT_FAILED,
    EXIT_SIGNAL_BASE,
    EXIT_SUCCESS,
    Interrupted,
    Severity,
    ToeError,
)
from toe.images.pipelines.model import Pipeline
from toe.images.pipelines.reading import read_pipeline
from toe.images.pipelines.run import Asked, PipelineRun, RunStatus, Stages, run_pipeline
from toe.images.pipelines.summary import nothing_was_run, run_summary
from toe.images.preparing import Hooks
from toe.images.store import store_in
from toe.system.cancellation import Cancellation
from toe.system.state_directory import state_directory

VERBS = ("run", "install", "list", "uninstall")


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
        return list_timers(words, options)
    if len(words) != 1:
        what = "the name of a pipeline" if verb == "uninstall" else "one file or folder"
        raise ToeError(f"'toe pipeline {verb}' takes {what}")
    if verb == "uninstall":
        return uninstall_timer(words[0])
    if verb == "run":
        return _run(words[0], options)
    found = _read(words[0], options, Lines(quiet=bool(options["quiet"])))
    return install_timer(found, words[0], options)


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
        behind = Behind(store_in(directory), options, telling, cancellation)
        stages = Stages(behind.distribute, behind.notify, behind.scan)
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
