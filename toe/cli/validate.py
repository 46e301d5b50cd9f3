"""`toe validate`."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from toe.api import validate as find_problems
from toe.cli.lists import split_names
from toe.cli.terminal import STDOUT, say, write
from toe.errors import EXIT_FAILED, EXIT_NOTHING_RUN, EXIT_SUCCESS, Problem, Severity, ToeError

PLATFORMS = ("linux", "windows", "darwin")


@click.command(short_help="Check component documents without running them.")
@click.argument("paths", metavar="[DOCUMENT]...", nargs=-1)
@click.option("-d", "--documents", multiple=True, metavar="A,B", help="Documents to check, with commas.")
@click.option("--blocked-action-modules", multiple=True, metavar="A,B", help="Action modules that must not be used.")
@click.option("--os-platforms", multiple=True, metavar="A,B", help="linux, windows, darwin; any when left out.")
@click.option("--document-s3-bucket-owner", metavar="ID", help="The account that must own the documents' bucket.")
@click.option("-t", "--trace", is_flag=True, help="Accepted for AWSTOE's sake: everything is said anyway.")
def validate(
    paths: tuple[str, ...],
    documents: tuple[str, ...],
    blocked_action_modules: tuple[str, ...],
    os_platforms: tuple[str, ...],
    document_s3_bucket_owner: str | None,
    trace: bool,
) -> int:
    """Find every fault of component documents, each with its place; for every platform, on any.

    Exit code: 0 valid, 1 invalid, 2 wrong usage or unreadable.
    """
    names = [*split_names(documents), *paths]
    if not names:
        raise ToeError("no documents to check", hint="name at least one: toe validate component.yml")
    if document_s3_bucket_owner:
        raise ToeError("--document-s3-bucket-owner needs toe[aws]")
    platforms = split_names(os_platforms)
    for platform in platforms:
        if platform not in PLATFORMS:
            raise ToeError(f"unknown platform '{platform}'", hint=f"platforms: {', '.join(PLATFORMS)}")
    try:
        problems = find_problems(names, platforms=platforms, blocked_actions=split_names(blocked_action_modules))
    except ToeError as error:
        say(f"toe: error: {error.message}")
        write(STDOUT, _report("failed", error.message))
        return EXIT_NOTHING_RUN
    return _tell(names, problems)


def _tell(names: Sequence[str], problems: Sequence[Problem]) -> int:
    from toe.check.text import problem_text

    for problem in problems:
        say(problem_text(problem))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        write(STDOUT, _report("failed", f"{errors[0].place}: {errors[0].message}{more}"))
        return EXIT_FAILED
    written = write(STDOUT, _report("success", f"Document(s) [{', '.join(names)}] is/are valid."))
    return EXIT_SUCCESS if written else EXIT_FAILED


def _report(status: str, message: str) -> str:
    return json.dumps({"validationStatus": status, "message": message}, ensure_ascii=False) + "\n"
