"""A plan as text for people, in 80 columns; only a word without a blank may be longer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from toe.actions.base import EVERYWHERE
from toe.model import Value
from toe.plan.model import Call, DocumentPlan, Need, Outlook, Plan, StepPlan, Turn, Verdict
from toe.sinks.safe_text import one_line
from toe.words import counted

WIDTH = 80
#: Lines of one input, a script for example; the JSON has all of them.
MOST_LINES = 8
#: Characters of one line, before it is folded.
LONGEST_LINE = 1000
#: How the text calls the needs that a step has or may have.
WORDS = {"root": "root", "network": "the network", "reboot": "a reboot"}

_OUTLOOKS = {
    Outlook.SKIPPED: "skipped",
    Outlook.ABORTS: "asks for Abort",
    Outlook.UNKNOWN: "known only at run time",
    Outlook.NOT_REACHED: "not reached: a step before it ends the run",
    Outlook.LEFT_OUT: "left out",
}
_COUNTED = {Outlook.RUNS: "to run", Outlook.ABORTS: "to abort", Outlook.UNKNOWN: "known only at run time"}


def plan_text(plan: Plan) -> str:
    """The whole text, with its newline."""
    root = "root" if plan.is_root else "not root"
    lines = [f"What would run on this machine ({plan.platform}, {root}); nothing was run."]
    for document in plan.documents:
        lines += ["", *_document(document, "")]
    lines += ["", *_summary(plan)]
    return "".join(f"{line}\n" for line in lines)


def _document(document: DocumentPlan, indent: str) -> Iterator[str]:
    name = f" ({document.name})" if document.name else ""
    yield from _folded(f"Document {document.path}{name}", indent)
    for key, value in document.values.items():
        yield from _folded(f"{key} = {value}", f"{indent}  ")
    for phase in document.phases:
        yield from _folded(f"Phase {phase.name}", f"{indent}  ")
        for number, step in enumerate(phase.steps, start=1):
            yield from _step(number, step, f"{indent}    ")


def _step(number: int, step: StepPlan, indent: str) -> Iterator[str]:
    outlook = _OUTLOOKS.get(step.outlook, "")
    told = f"{number}. {step.name} ({step.action})"
    yield from _folded(f"{told}: {outlook}" if outlook else told, indent)
    inner = f"{indent}   "
    if step.taken_from:
        yield from _folded(f"known from {step.taken_from}", inner)
    if step.condition is not None and step.outlook is not Outlook.NOT_REACHED:
        yield from _folded(f"if {_verdict(step.condition)}", inner)
    if step.asserts is not None:
        yield from _folded(f"asserts {_verdict(step.asserts)}", inner)
    if step.unusual:
        yield from _folded(", ".join(step.unusual), inner)
    if step.loop is None:
        for turn in step.turns if step.asserts is None else ():
            yield from _turn(turn, inner)
    else:
        yield from _loop(step, inner)
    for one in step.at_run_time:
        yield from _folded(f"at run time: {one.expression}: {one.why}", inner)
    yield from _needs(step, inner)


def _verdict(verdict: Verdict) -> str:
    why = f" ({verdict.why})" if verdict.why else ""
    if verdict.holds is not None:
        return f"{verdict.text} -> {'now ' if verdict.now else ''}{str(verdict.holds).lower()}"
    branches = f": {verdict.then} if it is true, else {verdict.otherwise}" if verdict.then else ""
    return f"{verdict.text} -> unknown{why}{branches}"


def _loop(step: StepPlan, indent: str) -> Iterator[str]:
    loop = step.loop
    assert loop is not None
    many = (
        f"an unknown number of iterations ({loop.why})"
        if loop.iterations is None
        else counted(loop.iterations, "iteration")
    )
    yield from _folded(f"{loop.text}: {many}", indent)
    if loop.iterations is None or step.hidden:
        for turn in step.turns:
            yield from _turn(turn, f"{indent}  ")
        return
    for index, turn in enumerate(step.turns):
        yield from _folded(f"[{index}] {turn.value}", indent)
        yield from _turn(turn, f"{indent}  ")
    if loop.iterations > len(step.turns):
        yield f"{indent}and {counted(loop.iterations - len(step.turns), 'more iteration')}"


def _turn(turn: Turn, indent: str) -> Iterator[str]:
    for entry in turn.inputs:
        for position, (key, value) in enumerate(entry.items()):
            dash = ("- " if position == 0 else "  ") if len(turn.inputs) > 1 else ""
            yield from _value(f"{dash}{key}:", value, indent)
    for call in turn.calls:
        yield from _call(call, indent)


def _value(head: str, value: Value, indent: str) -> Iterator[str]:
    """A key with its value, below it where that has several lines."""
    lines = list(_lines_of(value))
    if len(lines) == 1 and not isinstance(value, (list, dict)):
        yield from _folded(f"{head} {lines[0]}", indent)
        return
    yield from _folded(head, indent)
    inner = indent + " " * (len(head) - len(head.lstrip("- "))) + "  "
    for line in lines[:MOST_LINES]:
        yield from _folded(line, inner)
    if len(lines) > MOST_LINES:
        yield f"{inner}... {counted(len(lines) - MOST_LINES, 'more line')}"


def _lines_of(value: Value) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            for position, line in enumerate(_lines_of(item)):
                yield f"{'  ' if position else '- '}{line}"
    elif isinstance(value, dict):
        for key, item in value.items():
            first, *rest = list(_lines_of(item)) or [""]
            yield f"{key}: {first}"
            yield from (f"  {line}" for line in rest)
    elif isinstance(value, bool):
        yield str(value).lower()
    else:
        yield from ("" if value is None else str(value)).splitlines() or [""]


def _call(call: Call, indent: str) -> Iterator[str]:
    if call.document is not None:
        yield from _document(call.document, indent)
    else:
        yield from _folded(f"Document {call.path}: not planned: {call.why}", indent)


def _needs(step: StepPlan, indent: str) -> Iterator[str]:
    needs = step.needs
    told = [one for what in WORDS for one in _told(WORDS[what], getattr(needs, what))]
    told += [f"secrets: {', '.join(needs.secrets)}"] if needs.secrets else []
    if told:
        yield from _folded(f"needs {'; '.join(told)}", indent)
    if 0 < len(needs.platforms) < len(EVERYWHERE):
        yield from _folded(f"only on {', '.join(needs.platforms)}", indent)


def _told(what: str, need: Need | None) -> Iterator[str]:
    if need is not None:
        why = f" ({need.why})" if need.why else ""
        yield f"{'' if need.certain else 'maybe '}{what}{why}"


def _summary(plan: Plan) -> Iterator[str]:
    """How many steps there are, and which of them need what; those of nested documents are among them."""
    steps = [one for document in plan.documents for one in _steps(document, "")]
    counts = {outlook: sum(step.outlook is outlook for _, step in steps) for outlook in Outlook}
    told = [f"{number} {_COUNTED.get(outlook, outlook.value)}" for outlook, number in counts.items() if number]
    yield from _folded(f"{counted(len(steps), 'step')}: {', '.join(told) or 'none'}", "")
    for what in WORDS:
        needing = [(name, getattr(step.needs, what)) for name, step in steps]
        sure = dict.fromkeys(name for name, need in needing if need is not None and need.certain)
        possible = dict.fromkeys(name for name, need in needing if need is not None and name not in sure)
        for adverb, names in (("needs", sure), ("may need", possible)):
            if names:
                yield from _folded(f"{adverb} {WORDS[what]}: {', '.join(names)}", "")
    if secrets := dict.fromkeys(secret for _, step in steps for secret in step.needs.secrets):
        yield from _folded(f"secrets: {', '.join(secrets)}", "")


def _steps(document: DocumentPlan, above: str) -> Iterable[tuple[str, StepPlan]]:
    """Every step with its name: `build.Install`, in a nested document `build.Install/build.Link`."""
    for phase in document.phases:
        for step in phase.steps:
            name = f"{above}{phase.name}.{step.name}"
            yield name, step
            for call in (call for turn in step.turns for call in turn.calls):
                if call.document is not None:
                    yield from _steps(call.document, f"{name}/")


def _folded(text: str, indent: str) -> list[str]:
    """One line, or several where it is too long; deep down there are at least 30 columns."""
    if len(text) > LONGEST_LINE:
        text = f"{text[:LONGEST_LINE]}... {counted(len(text) - LONGEST_LINE, 'more character')}"
    text = one_line(text.replace("\n", "\\n"))
    blanks = indent + text[: len(text) - len(text.lstrip())]
    width = max(WIDTH, len(blanks) + 30)
    lines = wrap(
        text.lstrip(),
        width,
        initial_indent=blanks,
        subsequent_indent=f"{blanks}  ",
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
        drop_whitespace=True,
    )
    return lines or [blanks.rstrip()]
