"""A run as one page of HTML, by a template of jinja2 (`toe[report]`): whatever was printed, nothing in it acts.

Every text goes through `visible` and is escaped by the environment itself, so that no place of the template can forget
it. The page asks for nothing: its policy allows the one style and the one script that stand in it, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from toe.errors import ToeError
from toe.records import NamedTuple
from toe.report.model import DocumentReport, RunReport, StepReport, steps_of
from toe.report.verdict import verdict_of
from toe.report.visible import blocks, plain, visible
from toe.results import Status
from toe.sinks.terminal_text import duration
from toe.version import __version__
from toe.words import NANOSECONDS, counted

if TYPE_CHECKING:
    import jinja2

INSTALL_HINT = "pip install 'toe-executor[report]'"
_MOST_SLOWEST, _MOST_FAILED, _MOST_OPEN = 10, 50, 5
#: A value that is no longer than this, and of one line, stands beside its name.
_SHORT = 100

_WORDS = {
    Status.SUCCESS.value: "ok",
    Status.TIMED_OUT.value: "timed out",
    Status.IGNORED_FAILURE.value: "failed (ignored)",
    Status.SUCCESS_WITH_IGNORED_FAILURE.value: "ok, with an ignored failure",
    Status.RUNNING.value: "not ended",
    "reboot": "asked for a reboot",
}
_KINDS = {
    Status.SUCCESS.value: "ok",
    Status.SUCCESS_WITH_IGNORED_FAILURE.value: "ok",
    Status.FAILED.value: "bad",
    Status.TIMED_OUT.value: "bad",
    Status.IGNORED_FAILURE.value: "odd",
    Status.RUNNING.value: "odd",
    "cut off": "odd",
}


class _Placed(NamedTuple):
    """A step, and where it is. `may_fail`: it belongs to a nested document whose step may fail."""

    step: StepReport
    place: str
    may_fail: bool


def require_template_library() -> None:
    """Raise ToeError where jinja2 is not installed."""
    try:
        import jinja2  # noqa: F401
    except ImportError as error:
        raise ToeError("a report in HTML needs toe[report]", hint=INSTALL_HINT) from error


def html_report(run: RunReport) -> Iterator[str]:
    """The page in pieces. Raises ToeError where jinja2 is not installed."""
    require_template_library()
    placed = list(_placed(run.documents))
    leaves = [one for one in placed if not one.step.nested and one.step.took_ns]
    slowest = sorted(leaves, key=lambda one: -one.step.took_ns)[:_MOST_SLOWEST]
    failed = [one for one in placed if one.step.has_failed and not one.may_fail]
    page = _Page(run, placed)
    template = _environment().from_string(files("toe.report").joinpath("run.html.j2").read_text("utf-8"))
    return template.generate(
        run=run,
        verdict=verdict_of(run),
        counts=_counts(run),
        failed=failed[:_MOST_FAILED],
        more_failed=len(failed) - _MOST_FAILED,
        slowest=slowest if len(leaves) > 1 else [],
        open_steps={one.step.number for one in failed[:_MOST_OPEN]},
        page=page,
        version=__version__,
    )


def _environment() -> jinja2.Environment:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    environment.filters.update(
        blocks=blocks,
        digest=_digest,
        kind=lambda status: _KINDS.get(status, "none"),
        lines=lambda texts: plain("\n".join(texts)),
        moment=_moment,
        plain=plain,
        shown=_shown,
        word=lambda status: _WORDS.get(status, status),
    )
    environment.tests["short"] = lambda text: len(text) <= _SHORT and "\n" not in text
    return environment


class _Page:
    """Times as the page shows them: as durations, and as places on a line of 1000 from the start of the run on."""

    def __init__(self, run: RunReport, placed: list[_Placed]) -> None:
        self._run = run
        ends = [max(one.step.started_at_ns, one.step.ended_at_ns) for one in placed]
        self._start = run.started_at_ns
        self._end = max([run.ended_at_ns, *ends])
        self.total = self.took(self._start, self._end)

    def took(self, started_at_ns: int, ended_at_ns: int) -> str:
        """How long something took, "" for what has not ended."""
        if not started_at_ns or not ended_at_ns:
            return ""
        nanoseconds = max(0, ended_at_ns - started_at_ns)
        if self._run.is_precise or nanoseconds >= 60 * NANOSECONDS:
            return duration(nanoseconds)
        return f"{nanoseconds // NANOSECONDS} s" if nanoseconds else "< 1 s"

    def offset(self, at_ns: int) -> str:
        """How long after the start of the run something was, "" for what has no time."""
        return f"+{self.took(self._start, at_ns).removeprefix('< ')}" if at_ns >= self._start > 0 else ""

    def bar(self, started_at_ns: int, ended_at_ns: int) -> tuple[str, str] | None:
        """The place and the width of a bar, None for what has no time."""
        span = self._end - self._start
        if not started_at_ns or span <= 0:
            return None
        start = min(max(0.0, (started_at_ns - self._start) / span * 1000), 997.0)
        end = min((max(ended_at_ns or self._end, started_at_ns) - self._start) / span * 1000, 1000.0)
        return f"{start:.1f}", f"{max(end - start, 3.0):.1f}"


def _placed(documents: tuple[DocumentReport, ...], around: str = "", may_fail: bool = False) -> Iterator[_Placed]:
    for document in documents:
        for phase in document.phases:
            place = f"{around}{document.label} › {phase.name}"
            for step in phase.steps:
                yield _Placed(step, place, may_fail)
                ignored = may_fail or step.status == Status.IGNORED_FAILURE.value
                for nested in step.nested:
                    yield from _placed(nested.documents, f"{place} › {step.name} › ", ignored)


def _counts(run: RunReport) -> str:
    """`8 steps: 5 ok, 1 timed out`: those of nested documents included."""
    statuses = [_WORDS.get(step.status, step.status) for step in steps_of(run.documents)]
    listed = ", ".join(f"{statuses.count(word)} {word}" for word in dict.fromkeys(statuses))
    return f"{counted(len(statuses), 'step')}{': ' if listed else ''}{listed}"


def _moment(at_ns: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at_ns // NANOSECONDS)) if at_ns else ""


def _shown(value: Any) -> str:
    """A value of inputs or outputs as text: lists of texts line by line, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHORT else json.dumps(value, ensure_ascii=False, indent=2)


def _digest(text: str) -> str:
    """What a Content-Security-Policy calls a style or a script by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(str(text).encode()).digest()).decode()}'"
