"""`toe validate`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from toe.api import validate as find_problems
from toe.cli.dispatch import say_error
from toe.cli.lists import split_names
from toe.cli.terminal import STDOUT, say, write
from toe.errors import EXIT_FAILED, EXIT_NOTHING_RUN, EXIT_SUCCESS, Problem, Severity, ToeError, first_of

PLATFORMS = ("linux", "windows", "darwin")


def validate(options: Mapping[str, Any]) -> int:
    """Carry out `toe validate` with the values of its options (toe.cli.options.VALIDATE) and return the exit code."""
    names = [*split_names(options["documents"]), *options["paths"]]
    if not names:
        raise ToeError("no documents to check", hint="name at least one: toe validate component.yml")
    if options["document_s3_bucket_owner"]:
        raise ToeError("--document-s3-bucket-owner needs toe[aws]")
    blocked = split_names(options["blocked_action_modules"])
    platforms = split_names(options["os_platforms"])
    for platform in platforms:
        if platform not in PLATFORMS:
            raise ToeError(f"unknown platform '{platform}'", hint=f"platforms: {', '.join(PLATFORMS)}")
    try:
        problems = find_problems(names, platforms=platforms, blocked_actions=blocked)
    except ToeError as error:
        say_error(error)
        write(STDOUT, _report("failed", error.message))
        return EXIT_NOTHING_RUN
    return _tell(names, problems)


def _tell(names: Sequence[str], problems: Sequence[Problem]) -> int:
    from toe.check.text import problem_text

    for problem in problems:
        say(problem_text(problem))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        write(STDOUT, _report("failed", first_of(errors)))
        return EXIT_FAILED
    written = write(STDOUT, _report("success", f"Document(s) [{', '.join(names)}] is/are valid."))
    return EXIT_SUCCESS if written else EXIT_FAILED


def _report(status: str, message: str) -> str:
    return json.dumps({"validationStatus": status, "message": message}, ensure_ascii=False) + "\n"
