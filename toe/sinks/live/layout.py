"""The lines below what scrolls by, for one moment and one size of the terminal. Pure."""

from __future__ import annotations

from toe.sinks.live.cells import Line, cells, cut
from toe.sinks.live.coming import coming
from toe.sinks.live.model import BOLD, DIM, YELLOW, RunningStep, Transfer, ViewModel
from toe.sinks.progress_lines import progress_text
from toe.sinks.terminal_text import duration, printable
from toe.words import NANOSECONDS

#: The most lines of output and of what is to come, where there is room.
_MOST_OUTPUT, _MOST_COMING = 8, 4
#: So many lines are taken even of a terminal that leaves none for what scrolls by.
_LEAST = 6
_LONGEST_BAR = 30
_DEEPEST_INDENT = 18


def lines(model: ViewModel, now_ns: int, columns: int, height: int) -> list[Line]:
    """What is drawn of the run in a terminal of so many columns and rows, fewer than `height` lines.

    The running step is always there. Where there is no room for all, these go first: what is to come, lines of output,
    and the headings, which are drawn only where they have scrolled away. `now_ns`: nanoseconds since the Unix epoch.
    """
    step = model.running
    if step is None or height < 2:
        return []
    most = room = min(height - 1, max(_LEAST, height * 2 // 3))  # the cursor rests below
    indent = " " * min(6 * step.where.depth, _DEEPEST_INDENT, columns // 4)
    head = Line(_step_line(step, now_ns, indent, columns), BOLD)
    room -= 1
    details = _details(step, indent, columns)[: max(0, room)]
    room -= len(details)
    output = [Line(f"{indent}      | {text}", DIM) for text in step.output.lines(min(_MOST_OUTPUT, max(0, room // 2)))]
    room -= len(output)
    headings = _headings(model, height, most - room)[-room:] if room > 0 else []
    room -= len(headings)
    ahead = [Line(text, DIM) for text in coming(model, min(_MOST_COMING, room))]
    drawn = [*headings, head, *details, *output, *ahead]
    return [line._replace(text=cut(line.text, columns - 1)) for line in drawn]


def last_state(model: ViewModel, now_ns: int, columns: int) -> list[Line]:
    """What stays of a step that has not ended when nothing more is drawn."""
    step = model.running
    return [Line(_step_line(step, now_ns, " " * 6 * step.where.depth, columns))] if step else []


def _headings(model: ViewModel, height: int, drawn: int) -> list[Line]:
    """The lines of the documents, phases and calling steps that are out of sight, outermost first.

    `drawn`: how many lines are drawn without them and what is to come.
    """
    outer = [part for part in model.open if part.line and part.step is not model.running]
    below = drawn + len(outer) + _MOST_COMING
    return [Line(part.line, DIM) for part in outer if model.above - part.above + below >= height]


def _step_line(step: RunningStep, now_ns: int, indent: str, columns: int) -> str:
    """`    >  Install (ExecuteBash) 12 s, attempt 2 of 3`: the name is cut where it does not fit, the rest is not."""
    tail = f" {whole_seconds(now_ns - step.started_at_ns)}"
    if step.max_attempts > 1:
        tail += f", attempt {step.attempt} of {step.max_attempts}"
    if step.iteration is not None:
        tail += f", iteration {step.iteration + 1}"
        value = printable(step.value)
        tail += f": {cut(value, max(8, columns // 4))}" if value else ""
    start = f"{indent}    >  "
    name = f"{step.step.name} ({step.step.action})"
    return start + cut(name, max(8, columns - 1 - len(start) - cells(tail))) + tail


def whole_seconds(nanoseconds: int) -> str:
    """`12 s`, `3 min 04 s`: what changes more often is drawn more often."""
    seconds = max(0, nanoseconds) // NANOSECONDS
    return f"{seconds} s" if seconds < 60 else duration(seconds * NANOSECONDS)


def _details(step: RunningStep, indent: str, columns: int) -> list[Line]:
    """What failed before, and how far a transfer is, with what the action said of it."""
    found = []
    if step.transfer is not None:
        found.append(Line(f"{indent}      {_bar(step.transfer, columns - len(indent) - 7)}"))
        if step.said:
            found.append(Line(f"{indent}      {printable(step.said)}", DIM))
    if step.failed_attempt:
        found.append(Line(f"{indent}      {printable(step.failed_attempt)}", YELLOW))
    return found


def _bar(transfer: Transfer, columns: int) -> str:
    """`[#####.....] 50 % 512 of 1024 MiB, 12 MiB/s`; without a bar where the whole is not known."""
    done, total = transfer.now.done, transfer.now.total
    text = progress_text(done, total)
    rate = transfer.bytes_per_second
    text += f", {progress_text(int(rate), None)}/s" if rate else ""
    if not total:
        return text
    share = min(1.0, done / total)
    text = f" {int(100 * share)} % {text}"
    length = max(4, min(_LONGEST_BAR, columns - len(text) - 2))
    full = int(length * share)
    return f"[{'#' * full}{'.' * (length - full)}]{text}"
