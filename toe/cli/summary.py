"""What is told of a run at its end: on stderr for people, on stdout as one JSON object (reference, section 7)."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping

from toe.cli.terminal import STDERR, STDOUT, say, say_error, write, write_file
from toe.errors import EXIT_NOTHING_RUN, ToeError
from toe.execution_names import safe_name
from toe.quick_typing import Any
from toe.results import RunResult, Status
from toe.sinks.progress_lines import run_line
from toe.words import counted


def tell_people(result: RunResult, *, quiet: bool, resumable: bool = True) -> None:
    """Say on stderr how a run has ended; `quiet`: only when it is no success. `resumable`: what it needs stays."""
    if result.reboot:
        say(f"toe: {result.failure_message}")
        return
    failed = result.status is not Status.SUCCESS
    if failed:
        from toe.sinks.failure_block import failure_text

        write(STDERR, failure_text(result))
        if result.signal is not None and resumable:
            say(f"toe: stopped; 'toe resume {safe_name(result.execution_id)}' goes on with the step that was running")
    if failed or not quiet:
        say(run_line(result))


def tell_nothing_was_run(error: ToeError, outcome: str = "nothing was run") -> None:
    """Say on stderr why nothing was run: one message, or every problem with its place. GitHub gets annotations too."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from toe.check.formats.github import refusal

        write(STDERR, refusal(error))
    if not error.problems:
        say_error(error)
        return
    from toe.check.formats.people_text import problem_text

    for problem in error.problems:
        say(problem_text(problem))
    say(f"toe: {outcome}: {counted(len(error.problems), 'error')}")


def tell_machines(summary: str, file: str | None, *, to_stdout: bool = True) -> bool:
    """Write the summary to the file that `--summary` names, if any, and to stdout; false, with a message, if one fails.

    The file comes first: a reader of stdout that goes on with its end finds it.
    """
    complete = True
    if file is not None:
        try:
            write_file(file, [summary])
        except ToeError as error:
            say_error(error)
            complete = False
    if to_stdout and not write(STDOUT, summary):
        say("toe: error: cannot write the summary to stdout")
        complete = False
    return complete


def summary_text(result: RunResult) -> str:
    """The summary of a run, in the order of the reference."""
    summary = {
        "executionId": result.execution_id,
        "status": result.status.value,
        "failedStepCount": result.counts.failed,
        "executedStepCount": result.counts.executed,
        "ignoredFailedStepCount": result.counts.ignored,
        "skippedStepCount": result.counts.skipped,
        "failureMessage": result.failure_message,
        "logUrl": result.log_url,
    }
    return harmless_json(summary)


def harmless_json(data: Mapping[str, Any]) -> str:
    """Data as JSON that steers no terminal and gives no CI system an order, whatever texts are in it."""
    text = json.dumps(data, indent=4, ensure_ascii=False) + "\n"
    return text if text.isascii() and "\x7f" not in text and "##" not in text else _harmless(text)


def refused_run(message: str, execution_id: str = "", exit_code: int = EXIT_NOTHING_RUN) -> RunResult:
    """The result of a run that did not begin."""
    now = time.time_ns()
    return RunResult(execution_id, Status.FAILED, now, now, failure_message=message, exit_code=exit_code)


def nothing_run(message: str) -> str:
    """The summary of a run that did not begin."""
    return summary_text(refused_run(message))


def _harmless(text: str) -> str:
    """JSON text with escapes for what is not shown, steers a terminal, or is an order to Azure and GitHub."""
    from toe.sinks.safe_text import HIDDEN

    return re.sub(rf"[{HIDDEN}]|#(?=#\w*\[)", lambda found: f"\\u{ord(found[0]):04x}", text)
