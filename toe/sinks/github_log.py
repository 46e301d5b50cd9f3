"""A run in the log of GitHub Actions: what a step prints in a group, verdicts outside of it, failures as annotations.

A group is folded also where it has what failed, and does not nest: so only output is in one, and nobody has to unfold
any to see how a step ended. Within a group no line is taken for a command, whatever a document prints.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from toe import events
from toe.results import RunResult, Status, StepResult
from toe.sinks.github_commands import command, path_in
from toe.sinks.progress_lines import StepOutput, status_word, told
from toe.sinks.terminal_text import printable_lines

_ANNOTATED = {Status.FAILED: "error", Status.TIMED_OUT: "error", Status.IGNORED_FAILURE: "warning"}
#: So much of what a failed step said last stands in its annotation.
_LAST_LINES = 5


class GithubLog:
    """Hands whole lines to `write`. `workspace`: the checkout's folder, which the paths of annotations are relative to.

    `quiet`: annotations alone.
    """

    name = "the progress text"

    def __init__(self, write: Callable[[str], object], workspace: str, *, quiet: bool = False) -> None:
        self._write = write
        self._workspace = workspace
        self._quiet = quiet
        self._output = StepOutput()
        self._stopped = ""  # the word that ends an open group's silence
        self._title = ""
        self._has_error = False

    def handle(self, event: events.Event) -> None:
        text = "" if self._quiet else self._shown(event)
        if isinstance(event, events.StepFinished):
            text += self._annotation(event)
        elif isinstance(event, events.RunFinished):
            text += self._annotation_of_run(event.result)
        if text:
            self._write(text)

    def close(self) -> None:
        """A group that is open ends: a run that was cut off must not swallow what others print."""
        text = self._group_end()
        if text:
            self._write(text)

    def _shown(self, event: events.Event) -> str:
        if isinstance(event, events.StepStarted):
            self._title = f"Output of {event.step.name} ({event.step.action})"
        lines = self._output.lines(event)
        text = "".join(f"{line}\n" for line in lines)
        if lines and not self._stopped:
            text = self._group_start() + text
        verdicts = told(event)
        if verdicts or isinstance(event, (events.StepStarted, events.StepFinished)):
            text += self._group_end()
        return text + "".join(f"{line}\n" for line in verdicts)

    def _group_start(self) -> str:
        self._stopped = os.urandom(16).hex()
        return command("group", {}, self._title) + command("stop-commands", {}, self._stopped)

    def _group_end(self) -> str:
        word, self._stopped = self._stopped, ""
        return command(word, {}, "") + command("endgroup", {}, "") if word else ""

    def _annotation(self, event: events.StepFinished) -> str:
        """The annotation of a step that failed; of one that ran documents those of their steps say it."""
        step = event.result
        kind = _ANNOTATED.get(step.status, "")
        if not kind or any(_has_failed_step(run) for run in step.nested):
            return ""
        self._has_error = self._has_error or kind == "error"
        place: dict[str, object] = {}
        file = path_in(self._workspace, event.where.document)
        if file:
            place["file"] = file
            if step.line:
                place |= {"line": step.line, "col": step.column}
        place["title"] = f"{event.where.phase}.{step.name} ({step.action}): {status_word(step.status)}"
        return command(kind, place, _cause(step))

    def _annotation_of_run(self, result: RunResult) -> str:
        """That of a run which failed without a failed step, such as one whose logs could not be sent."""
        if self._has_error or result.status not in (Status.FAILED, Status.TIMED_OUT):
            return ""
        return command("error", {"title": f"toe: {status_word(result.status)}"}, result.failure_message)


def _cause(step: StepResult) -> str:
    said = [] if step.failure is None or step.hidden else printable_lines(step.failure.said)
    return "\n".join([*printable_lines(step.failure_message), *said[-_LAST_LINES:]])


def _has_failed_step(run: RunResult) -> bool:
    return any(
        step.status in _ANNOTATED for document in run.documents for phase in document.phases for step in phase.steps
    )
