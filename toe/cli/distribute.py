"""`toe distribute`: an image to all its places; people read how it goes on stderr, machines the result on stdout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toe.cli.order import template_parameters
from toe.cli.signals import stop_on_signals
from toe.cli.summary import harmless_json, tell_machines
from toe.cli.terminal import printed, say, say_error, say_line
from toe.errors import EXIT_FAILED, EXIT_SIGNAL_BASE, EXIT_SUCCESS, Interrupted, ToeError
from toe.images.distribution.chosen import chosen_source
from toe.images.distribution.configuration import read_configuration
from toe.images.distribution.distribute import distribute as distribute_image
from toe.images.distribution.model import Plan, Source, Target
from toe.images.distribution.sending import Distributed, Telling
from toe.images.distribution.targets import plan_of
from toe.images.notices.message import AVAILABLE, FAILED, Change
from toe.images.notices.notify import notify
from toe.images.provenance.beside import publish_statement
from toe.images.provenance.envelope import require_key
from toe.images.provenance.scanning import judged
from toe.images.provenance.software import write_software
from toe.images.records import ImageRecord
from toe.images.side_file import Notice, severity_named
from toe.images.side_reader import side_file_of
from toe.images.store import store_in
from toe.system.cancellation import Cancellation
from toe.system.state_directory import state_directory


def distribute(options: Mapping[str, Any]) -> int:
    """Carry out `toe distribute` with the values of its options (toe.cli.options); return the exit code."""
    if len(options["paths"]) != 2:
        raise ToeError("'toe distribute' takes an image and a file", hint="toe distribute web/1.0.0 distribution.yml")
    word, file = options["paths"]
    cancellation = Cancellation()
    stop_on_signals(cancellation)
    try:
        given = template_parameters(options["parameters"])
        configuration = read_configuration(file, resource=options["resource"] or "", parameters=given)
        store = store_in(state_directory(options["state_directory"] or "", "."))
        source, record = chosen_source(word, store, cancellation)
        key = _key(options["sign"] or "", record)
        side = side_file_of(file, options["images_file"] or "")
        plan = plan_of(source, configuration, side)
        if options["plan"]:
            return printed(plan_text(source, plan))
        telling = Lines(quiet=bool(options["quiet"]))
        for remark in plan.remarks:
            telling.say(f"info     {remark}")
        severity = severity_named(options["fail_on_severity"] or "") or side.fail_on_severity
        if severity:
            refused, _ = judged(source, store, severity, say_line, cancellation)
            if refused:
                raise ToeError(f"{source.described} is not distributed: {refused}", exit_code=EXIT_FAILED)
        if options["sbom"]:
            write_software(source, options["sbom"], cancellation)
        result = distribute_image(source, plan, store, cancellation, telling)
        unheard = []
        if record is not None and result.succeeded:
            unheard += publish_statement(store, record, result, cancellation, key)
        unheard += _tell(side.notices, source, record, result, cancellation)
    except ToeError as error:
        _tell_problems(error)
        return error.exit_code
    except Interrupted:
        say("toe: stopped: names mean the images that they meant; the same command goes on")
        return EXIT_SIGNAL_BASE + cancellation.signal if cancellation.signal else EXIT_FAILED
    for failure in unheard:
        say_line(f"failed   {failure}")
    telling.ends(source, result)
    complete = tell_machines(harmless_json(distribution_data(source, plan, result, unheard)), options["summary"])
    return EXIT_SUCCESS if result.succeeded and complete and not unheard else EXIT_FAILED


def _tell(
    notices: Sequence[Notice],
    source: Source,
    record: ImageRecord | None,
    result: Distributed,
    cancellation: Cancellation,
) -> list[str]:
    """Send the notices; what of them failed."""
    status = AVAILABLE if result.succeeded else FAILED
    change = Change(source, status, "; ".join(result.failures), outcomes=result.outcomes, record=record)
    return notify(notices, change, cancellation)


def _key(path: str, record: ImageRecord | None) -> str:
    """The private key that will sign. Raises ToeError before anything is sent where it cannot."""
    if path and record is None:
        raise ToeError("--sign: nothing is known of how a disk in a file was made")
    if path:
        require_key(path)
    return path


class Lines(Telling):
    """Tells of a distribution in lines on stderr. `quiet`: only of what failed."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def say(self, line: str) -> None:
        """One line, unless nothing but failures is to be said."""
        if not self._quiet:
            say_line(line)

    def sending(self, target: Target) -> None:
        self.say(f"sends    {target.described}")

    def there(self, target: Target) -> None:
        self.say(f"has it   {target.described}")

    def announced(self, target: Target, address: str) -> None:
        self.say(f"names    {target.described}")

    def failed(self, what: str, message: str) -> None:
        say_line(f"failed   {what}: {message}")

    def ends(self, source: Source, result: Distributed) -> None:
        """Say what came of it."""
        if result.succeeded:
            self.say(f"done     {source.described} is in {_places(len(result.outcomes))}")
            return
        announced = [one for one in result.outcomes if one.address]
        rest = "the others have it too" if announced else "it was announced nowhere"
        say(f"toe: error: {source.described} is not distributed: {len(result.failures)} failed, {rest}")
        say("  the same command sends what is missing")


def plan_text(source: Source, plan: Plan) -> str:
    """What a distribution would do, for people."""
    lines = [f"{source.described}, a {source.kind}, goes to"]
    lines += [f"  {target.described}" for target in plan.targets]
    lines += [f"parameter {one.name} in {one.region} gets its address" for one in plan.parameters]
    for one in plan.permissions:
        fields = "; ".join(f"{key} {', '.join(one[key])}" for key in one if isinstance(one[key], list))
        lines.append(f"permissions in {one['region']}: {fields}")
    lines += [f"info: {remark}" for remark in plan.remarks]
    return "\n".join(lines) + "\n"


def distribution_data(source: Source, plan: Plan, result: Distributed, unheard: Sequence[str] = ()) -> dict[str, Any]:
    """What came of a distribution, as data for JSON."""
    return {
        "build": source.build,
        "name": source.name,
        "version": source.version,
        "image": source.image,
        "status": "distributed" if result.succeeded else "failed",
        "targets": [
            {
                "kind": one.target.kind,
                "regions": [*one.target.regions],
                "place": one.target.place,
                "names": [*one.target.names],
                "state": one.state,
                "address": one.address,
                "message": one.message,
            }
            for one in result.outcomes
        ],
        "parameters": [
            {"name": one.name, "region": one.region, "value": result.parameters.get(f"{one.region} {one.name}", "")}
            for one in plan.parameters
        ],
        "permissions": [*plan.permissions],
        "failures": [*result.failures, *unheard],
    }


def _places(number: int) -> str:
    return "1 place" if number == 1 else f"{number} places"


def _tell_problems(error: ToeError) -> None:
    if not error.problems:
        say_error(error)
        return
    from toe.check.formats.people_text import problem_text

    for problem in error.problems:
        say(problem_text(problem))
    say_line("toe: nothing was distributed")
