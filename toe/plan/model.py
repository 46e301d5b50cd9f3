"""A plan as data: what would run, in the order of a run, and what each step needs.

Texts are what may be shown: secrets and what is known only at run time stand in them as `{{ ... }}`. Frozen, and free
of any document's model: the writers need nothing else.
"""

from __future__ import annotations

from toe.model import Entry
from toe.records import NamedTuple
from toe.words import Word


class Outlook(Word):
    """What becomes of a step, as far as its condition tells now."""

    RUNS = "runs"
    SKIPPED = "skipped"
    ABORTS = "aborts"
    UNKNOWN = "unknown"
    NOT_REACHED = "not reached"
    LEFT_OUT = "left out"


class Verdict(NamedTuple):
    """What a condition comes to: `holds` None is known only at run time, `why` says what it waits for.

    `now`: it was true or false when the plan was made, and may change: it looks at this machine or its environment.
    `then` and `otherwise` are what a step's `if` asks for, "" for an Assert.
    """

    text: str
    holds: bool | None
    now: bool = False
    why: str = ""
    then: str = ""
    otherwise: str = ""


class Need(NamedTuple):
    """Something that a step needs; not `certain`: it may, for `why`."""

    certain: bool
    why: str


class Needs(NamedTuple):
    """What a step needs; None and () for nothing that is known. `secrets` are names, never values."""

    root: Need | None = None
    network: Need | None = None
    reboot: Need | None = None
    secrets: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()


class Call(NamedTuple):
    """A document that a step runs: planned, or the reason why it cannot be now."""

    path: str
    document: DocumentPlan | None = None
    why: str = ""


class Turn(NamedTuple):
    """One run of a step's action: its inputs, the documents that it calls, and its loop's value ("" without one)."""

    inputs: tuple[Entry, ...] = ()
    calls: tuple[Call, ...] = ()
    value: str = ""


class LoopPlan(NamedTuple):
    """A step's loop. `iterations` None: how many is known only at run time, for `why`."""

    text: str
    iterations: int | None
    why: str = ""


class AtRunTime(NamedTuple):
    """An expression whose value is known only at run time, and why."""

    expression: str
    why: str


class StepPlan(NamedTuple):
    """One step. `turns` has one without a loop, else the first iterations; of a loop that is not known, its pattern.

    `condition` is its `if`, `asserts` the condition of an Assert. `unusual` are settings that are not the defaults, as
    a document writes them. `hidden`: disableLogging keeps its inputs from being shown. `taken_from` is the log folder
    by which others know of a step that does not run, or "the document"; "" where none needs it.
    """

    name: str
    action: str
    outlook: Outlook
    line: int = 0
    column: int = 0
    condition: Verdict | None = None
    asserts: Verdict | None = None
    loop: LoopPlan | None = None
    turns: tuple[Turn, ...] = ()
    at_run_time: tuple[AtRunTime, ...] = ()
    needs: Needs = Needs()
    timeout_seconds: int = 0
    on_failure: str = ""
    max_attempts: int = 1
    unusual: tuple[str, ...] = ()
    hidden: bool = False
    taken_from: str = ""


class PhasePlan(NamedTuple):
    """A phase that would run."""

    name: str
    steps: tuple[StepPlan, ...]


class DocumentPlan(NamedTuple):
    """A document: the values of its parameters and constants, as they may be shown, and its phases."""

    path: str
    name: str
    values: dict[str, str]
    phases: tuple[PhasePlan, ...]


class Plan(NamedTuple):
    """What would run on this machine."""

    platform: str
    is_root: bool
    documents: tuple[DocumentPlan, ...]
