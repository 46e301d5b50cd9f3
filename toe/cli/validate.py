"""`toe validate`."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

from toe.actions import ActionTable
from toe.check.formats import FORMATS, Report
from toe.check.options import CheckOptions
from toe.check.reading import DocumentReader
from toe.check.settings import PLATFORMS, PROFILES
from toe.cli.checking import Checked, check_targets
from toe.cli.command import split_names
from toe.cli.project import with_settings
from toe.cli.targets import targets_of
from toe.cli.terminal import STDERR, STDOUT, say, write
from toe.errors import EXIT_FAILED, EXIT_NOTHING_RUN, EXIT_SUCCESS, ToeError
from toe.sinks.safe_text import one_line
from toe.words import comma_hint, counted

#: Of the files that are left out.
MOST_NAMED = 10


def validate(options: Mapping[str, Any]) -> int:
    """Carry out `toe validate` with the values of its options (toe.cli.options) and return the exit code."""
    # Documents make no cycles, and a large one would be searched for some again and again.
    gc.disable()
    is_report = True
    try:
        checked = _checked(options)
        report = _report(checked, strict=bool(options["strict"]))
        if options["fix"] or options["diff"]:
            from toe.cli.fixes import tell_fixes

            is_report = not tell_fixes(checked)
        if options["diff"]:
            return _code_of_diff(checked, report, options["exit_zero"])
        _tell(report, options["format"], options["output"], is_report)
    except ToeError as error:
        # AWSTOE's JSON is there whatever went wrong: scripts read it.
        if options["format"] in (None, "json") and is_report and not options["diff"]:
            write(STDOUT, FORMATS["json"](Report((), (), unreadable=(("", error.message),))))
        raise
    if report.unreadable:
        return EXIT_NOTHING_RUN
    return EXIT_FAILED if report.failed and not options["exit_zero"] else EXIT_SUCCESS


def _code_of_diff(checked: list[Checked], report: Report, exit_zero: bool | None) -> int:
    if report.unreadable:
        _tell_people(report._replace(documents=(), problems=()))
        return EXIT_NOTHING_RUN
    differs = any(one.fixed is not None and one.fixed.changes for one in checked)
    return EXIT_FAILED if differs and not exit_zero else EXIT_SUCCESS


def _checked(options: Mapping[str, Any]) -> list[Checked]:
    _refuse_unknown("format", [options["format"] or "json"], FORMATS)
    reader = DocumentReader(options["document_s3_bucket_owner"] or "")
    check = _check_options(options, reader)
    arguments = [*split_names(options["documents"]), *options["paths"]]
    if not arguments:
        raise ToeError("no documents to check", hint="name at least one: toe validate component.yml")
    targets = targets_of(arguments)
    if options["skip_other_yaml"]:
        targets = [target._replace(found=True) for target in targets]
    if options["fix"] or options["diff"]:
        from toe.cli.fixes import refuse_unfixable

        refuse_unfixable(targets, options)
    work = with_settings(targets, options, frozenset() if options["skip_other_yaml"] else frozenset(arguments))
    checked = check_targets(work, check, options["stdin_filename"] or "<stdin>", reader)
    skipped = [one.document for one in checked if one.skipped]
    if skipped:
        say(_left_out(skipped))
    if len(checked) == len(skipped) and not options["skip_other_yaml"]:
        excluded = f" ({counted(len(targets) - len(work), 'file')} excluded)" if len(work) < len(targets) else ""
        hint = "name a file to have it checked anyway"
        raise ToeError(f"no component document in {', '.join(arguments)}{excluded}", hint=hint)
    return checked


def _report(checked: list[Checked], *, strict: bool) -> Report:
    problems = dict.fromkeys(problem for one in checked for problem in one.problems)
    return Report(
        documents=tuple(one.document for one in checked if not one.skipped),
        problems=tuple(problems),
        strict=strict,
        unreadable=tuple((one.document, one.unreadable) for one in checked if one.unreadable),
    )


def _left_out(files: list[str]) -> str:
    what = "1 YAML file is" if len(files) == 1 else f"{len(files)} YAML files are"
    lines = [f"toe: {what} no component document: left out", *(f"  {one_line(file)}" for file in files[:MOST_NAMED])]
    if len(files) > MOST_NAMED:
        lines.append(f"  and {len(files) - MOST_NAMED} more")
    return "\n".join(lines)


def _check_options(options: Mapping[str, Any], reader: DocumentReader) -> CheckOptions:
    platforms = split_names(options["os_platforms"])
    _refuse_unknown("platform", platforms, PLATFORMS)
    profile = options["profile"] or ""
    _refuse_unknown("profile", [profile] if profile else [], PROFILES)
    blocked = split_names(options["blocked_action_modules"])
    if blocked:
        from toe.session.unknown_names import refuse_unknown_actions

        refuse_unknown_actions(blocked, ActionTable())
    given = None
    if options["parameters"]:
        from toe.cli.order import template_parameters

        given = template_parameters(options["parameters"])
    return CheckOptions(
        blocked=frozenset(blocked),
        read_nested=reader.read_nested,
        follow_addresses=True,
        lint=not options["no_lint"],
        template_parameters=given,
    )


def _refuse_unknown(what: str, words: list[str], known: tuple[str, ...] | Mapping[str, object]) -> None:
    for word in words:
        if word not in known:
            hint = comma_hint(word) if what == "platform" else ""
            raise ToeError(f"unknown {what} '{word}'", hint=hint or f"{what}s: {', '.join(known)}")


def _tell(report: Report, form: str | None, output: str | None, on_stdout: bool) -> None:
    """People's text on stderr, the report in its form on stdout or in a file. Raises ToeError when it gets nowhere.

    Not `on_stdout`: there is the text of a fixed document.
    """
    if form != "text" or output is not None or not on_stdout:
        _tell_people(report)
    rendered = FORMATS[form or "json"](report)
    if output is not None:
        _write_file(output, rendered)
        rendered = rendered if form in (None, "json") else FORMATS["json"](report)
    if on_stdout and not write(STDOUT, rendered):
        raise ToeError("cannot write the report to stdout", exit_code=EXIT_FAILED)


def _write_file(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        from toe.system.files.path_faults import told

        raise ToeError(f"cannot write '{path}': {told(error, path)}") from error


def _tell_people(report: Report) -> None:
    if report.problems or report.unreadable:
        write(STDERR, FORMATS["text"](report))
