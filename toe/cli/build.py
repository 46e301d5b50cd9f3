"""`toe build`: a recipe becomes a tested image; people read how it goes on stderr, machines the result on stdout."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from signal import SIGTERM
from typing import Any

from toe.cli.command import split_names
from toe.cli.order import template_parameters
from toe.cli.run import progress_sinks
from toe.cli.signals import end_on_signals, stop_on_signals
from toe.cli.summary import harmless_json, tell_machines
from toe.cli.terminal import STDERR, printed, say, say_error, say_line, write
from toe.errors import EXIT_FAILED, EXIT_SIGNAL_BASE, Interrupted, ToeError
from toe.images.build import build_image
from toe.images.engines.base import MISSING, NEVER
from toe.images.machines.disks import FORMATS as DISK_FORMATS
from toe.images.order import EFI, BuildOrder
from toe.images.plan import Fate, Outlook
from toe.images.plan_text import build_plan_json, build_plan_text, outlook_line, short
from toe.images.preparing import Hooks, plan_of, prepare
from toe.images.results import BuildResult, Failure, LayerResult
from toe.images.summary import build_summary, nothing_built
from toe.images.walk import Telling
from toe.system.cancellation import Cancellation
from toe.system.state_directory import state_directory

FORMATS = ("text", "json")


def build(options: Mapping[str, Any]) -> int:
    """Carry out `toe build` with the values of its options (toe.cli.options) and return the exit code."""
    cancellation = Cancellation()
    end_on_signals(lambda signal_name: say(f"toe: stopped by {signal_name}: nothing was built"))
    telling = Lines(quiet=bool(options["quiet"]))
    hooks = Hooks(telling, lambda: progress_sinks(options), telling.say)
    try:
        order = order_of(options)
        telling.what = "machine" if order.disk_format else "container"
        stop_on_signals(cancellation)
        directory = state_directory(options["state_directory"] or "", options["log_directory"] or ".")
        prepared = prepare(order, directory, cancellation, hooks, pull=NEVER if options["plan"] else MISSING)
        if options["plan"]:
            now = time.time()
            plan = plan_of(prepared, now)
            json = "json" in split_names(options["format"])
            return printed(build_plan_json(plan) if json else build_plan_text(plan, now))
        result = build_image(prepared, options["log_directory"] or "")
    except Interrupted:
        say(f"toe: stopped {cancellation.described}: nothing was built")
        tell_machines(harmless_json(nothing_built(f"stopped {cancellation.described}")), options["summary"])
        return EXIT_SIGNAL_BASE + (cancellation.signal or SIGTERM)
    except ToeError as error:
        _tell_nothing_was_built(error)
        tell_machines(harmless_json(nothing_built(error.message)), options["summary"])
        return error.exit_code
    telling.ends(result)
    complete = tell_machines(harmless_json(build_summary(result)), options["summary"])
    return result.exit_code or (0 if complete else EXIT_FAILED)


def order_of(options: Mapping[str, Any]) -> BuildOrder:
    """What is asked for. Raises ToeError for what contradicts itself."""
    if len(options["paths"]) != 1:
        raise ToeError("'toe build' takes one recipe", hint="toe build recipe.yml")
    told = split_names(options["format"])
    for name in told:
        if name not in (*FORMATS, *DISK_FORMATS):
            raise ToeError(f"unknown format '{name}'", hint=f"formats: {', '.join((*DISK_FORMATS, *FORMATS))}")
    disk_formats = [name for name in told if name in DISK_FORMATS]
    if len(disk_formats) < len(told) and not options["plan"]:
        raise ToeError("--format text and json belong to --plan", hint="the result of a build is JSON, on stdout")
    if len(disk_formats) > 1:
        raise ToeError("--format takes one format of disks", hint="qemu-img convert makes the others")
    if disk_formats:
        _refuse_for_machines(options)
    elif options["network"]:
        raise ToeError("--network belongs to --format: containers have the network that their engine gives them")
    elif options["bootable"]:
        raise ToeError("--bootable belongs to --format: it makes a disk that starts by itself", hint="--format qcow2")
    elif options["output"]:
        raise ToeError("--output belongs to --format: an image of containers has a name", hint="--tag NAME")
    (recipe,) = options["paths"]
    return BuildOrder(
        recipe,
        options["resource"] or "",
        template_parameters(options["parameters"]),
        options["images_file"] or "",
        options["engine"] or "",
        options["isolation"] or "",
        options["platform"] or "",
        tuple(split_names(options["tag"])),
        bool(options["no_cache"]),
        tuple(split_names(options["refresh"])),
        bool(options["no_tests"]),
        bool(options["keep_failed"]),
        tuple(split_names(options["env"])),
        dict(os.environ),
        disk_format=disk_formats[0] if disk_formats else "",
        output=options["output"] or "",
        bootable=options["bootable"] or "",
        fetches=bool(options["fetch"]),
        cache_from=options["cache_from"] or "",
        cache_to=options["cache_to"] or "",
        network=bool(options["network"]),
    )


def _refuse_for_machines(options: Mapping[str, Any]) -> None:
    for key in ("tag", "isolation", "platform", "engine", "cache_from", "cache_to"):
        if options[key]:
            raise ToeError(f"--{key.replace('_', '-')} is for images of containers, and --format asks for a disk")
    if options["bootable"] not in (None, "", EFI):
        raise ToeError(f"--bootable is {EFI}, not '{options['bootable']}'", hint="BIOS starts none of these disks")


class Lines(Telling):
    """Tells of a build in lines on stderr. `quiet`: only of what failed."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self.what = "container"

    def say(self, line: str) -> None:
        """One line, unless nothing but failures is to be said."""
        if not self._quiet:
            say_line(line)

    def layer_begins(self, outlook: Outlook) -> None:
        self.say(outlook_line(outlook, time.time()))

    def layer_waits(self, name: str) -> None:
        self.say(f"waits    {name}: another build makes this layer")

    def layer_ends(self, result: LayerResult) -> None:
        what = "fetched" if result.outlook.fate is Fate.REGISTRY else "made"
        self.say(f"{what:<8} {result.outlook.name}: {short(result.image)} in {result.seconds:.1f} s")

    def tests_begin(self, image: str) -> None:
        self.say(f"tests    in a new {self.what} of {short(image)}")

    def ends(self, result: BuildResult) -> None:
        """Say what came of the build."""
        if result.failure is not None:
            _tell_failure(result.failure)
        elif result.signal is not None:
            named = "the image is there, not all of its layers are in the registry" if result.image else ""
            say(f"toe: stopped: {named or 'the layers that were made are kept, the image has no name'}")
        else:
            given = sum(layer.outlook.is_given for layer in result.layers)
            fetched = sum(layer.outlook.fate is Fate.REGISTRY for layer in result.layers)
            more = f", {fetched} of them from the registry" if fetched else ""
            self.say(
                f"built    {', '.join(result.tags)}: {short(result.image)} in {result.seconds:.1f} s; "
                f"{given} of {len(result.layers)} layers from the cache{more}"
            )
            if result.unshared:
                say_line(f"toe: error: {result.unshared}")


def _tell_failure(failure: Failure) -> None:
    """What failed, as `toe run` shows it, and where people go on from there."""
    write(STDERR, failure.details)
    say_line(f"toe: error: {failure.message}")
    for what, told in (("logs", failure.logs), ("enter it", failure.enter), ("remove it", failure.remove)):
        if told:
            say_line(f"  {what}: {told}")


def _tell_nothing_was_built(error: ToeError) -> None:
    """Why nothing was built: one message, or every problem with its place."""
    if not error.problems:
        say_error(error)
        return
    from toe.check.formats.people_text import problem_text

    for problem in error.problems:
        say(problem_text(problem))
    say_line("toe: nothing was built")
