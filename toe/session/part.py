"""A part of a run: the steps that `--only` and `--start-at` choose, and those of `--phases` with `--outputs-of`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from toe.actions import ActionTable
from toe.check.options import Part
from toe.document.source import identity, short_name
from toe.document.suggest import did_you_mean, suggest
from toe.engine.plan import shortened
from toe.errors import ToeError
from toe.model import Document, StepName
from toe.records import NamedTuple
from toe.session.former import FormerSteps, former_steps
from toe.session.order import Order


class _Candidate(NamedTuple):
    """A step that can be chosen: of the document at this position, in a phase that is selected."""

    position: int
    name: StepName


class DocumentPart(NamedTuple):
    """The steps of a document that run, and what is known of the others."""

    steps: frozenset[StepName]
    former: FormerSteps

    @property
    def for_checks(self) -> Part:
        """As the check of references asks for it."""
        return Part(self.steps, self.former.fault)


def parts_of(order: Order, documents: Sequence[Document], actions: ActionTable) -> list[DocumentPart]:
    """The part of each document that an order asks for.

    Raises ToeError for a step that is not there or not clear, and for a log folder that cannot be read.
    """
    if order.only and order.start_at:
        raise ToeError("--only and --start-at exclude each other", hint="--only names each step that is to run")
    candidates = [
        _Candidate(position, (phase.name, step.name))
        for position, document in enumerate(documents)
        for phase in document.phases
        if not order.phases or phase.name in order.phases
        for step in phase.steps
    ]
    chosen = candidates
    if order.start_at:
        first = _meant(order.start_at, "--start-at", candidates, documents)
        chosen = candidates[candidates.index(first) :]
    elif order.only:
        named = {_meant(word, "--only", candidates, documents) for word in order.only}
        chosen = [candidate for candidate in candidates if candidate in named]
    elif not order.phases:
        raise ToeError(
            "--outputs-of is of no use: every step runs",
            hint="it goes with --only, --start-at or --phases, which leave steps out",
        )
    given = [{**order.parameters, **request.parameters} for request in order.requests]
    former = former_steps(documents, order.outputs_of, actions, given, order.former)
    return [
        DocumentPart(frozenset(one.name for one in chosen if one.position == position), former[position])
        for position in range(len(documents))
    ]


def _meant(word: str, option: str, candidates: Sequence[_Candidate], documents: Sequence[Document]) -> _Candidate:
    """The step that PHASE.STEP or DOCUMENT:PHASE.STEP means. Raises ToeError."""
    path, colon, label = word.strip().rpartition(":")
    at = [number for number, document in enumerate(documents) if not colon or _is_called(document, path)]
    if not at:
        near = did_you_mean(path, dict.fromkeys(document.path for document in documents))
        raise ToeError(
            f"{option} {word}: no document '{path}' is run{near}", hint="a step is PHASE.STEP or DOCUMENT:PHASE.STEP"
        )
    found = [one for one in candidates if one.position in at and ".".join(one.name) == label]
    if not found:
        known = [one.name for one in candidates if one.position in at]
        raise _unknown(f"{option} {word}", label, dict.fromkeys(known), [documents[number] for number in at])
    if len(found) > 1:
        paths = [documents[one.position].path for one in found]
        hint = f"name the document too: {' or '.join(f'{path}:{label}' for path in dict.fromkeys(paths))}"
        if len(set(paths)) < len(paths):
            hint = f"'{paths[0]}' is named more than once: name it once"
        raise ToeError(f"{option} {word}: several documents have a step '{label}'", hint=hint)
    return found[0]


def _is_called(document: Document, path: str) -> bool:
    return path in (document.path, short_name(document.path)) or identity(path) == identity(document.path)


def _unknown(told: str, label: str, known: Iterable[StepName], documents: Sequence[Document]) -> ToeError:
    """Why there is no such step among those that are `known` of these documents."""
    phases = [phase for document in documents for phase in document.phases]
    if any(label == f"{phase.name}.{step.name}" for phase in phases for step in phase.steps):
        return ToeError(f"{told}: phase '{label.partition('.')[0]}' is not selected", hint="--phases leaves it out")
    if label in [phase.name for phase in phases]:
        return ToeError(
            f"{told}: '{label}' is a phase, and no step",
            hint=f"--phases {label} runs a whole phase; a step is PHASE.STEP",
        )
    names = list(known)
    phase, _, step = label.partition(".")
    same_phase = [name for name in names if name[0] == phase]
    near = did_you_mean(label, map(".".join, names))
    if same_phase and suggest(step, (name for _, name in same_phase)) is None:
        near = ""  # alike is the phase alone
    what = f"'{documents[0].path}' has no step" if len(documents) == 1 else "no document has a step"
    return ToeError(f"{told}: {what} '{label}'{near}", hint=f"steps there are: {shortened(names) or 'none'}")
