"""What a run is going to do: the documents, their selected phases and the values of their parameters."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from toe.errors import ToeError
from toe.model import Document, Parameter, ParameterValue, Phase, StepName
from toe.quick_typing import TYPE_CHECKING
from toe.records import NamedTuple
from toe.words import comma_hint

if TYPE_CHECKING:
    from toe.expressions.scope import StepRecord

#: Steps that a message names, at most.
MOST_NAMED = 10


class FormerStep(NamedTuple):
    """What is known of a step that does not run, and the log folder that tells it, "" for the document itself."""

    record: "StepRecord"
    folder: str

    @property
    def told(self) -> str:
        """From where it is known."""
        return self.folder or "the document"


class PlannedDocument(NamedTuple):
    """A document, the phases of it that run, and the value of every parameter and constant.

    `left_out` are the steps of selected phases that do not run: `phases` are without them. `former` is what the others
    refer to of steps that do not run.
    """

    document: Document
    phases: tuple[Phase, ...]
    values: Mapping[str, ParameterValue]
    left_out: tuple[StepName, ...] = ()
    former: Mapping[StepName, FormerStep] = MappingProxyType({})

    @property
    def selected(self) -> tuple[Phase, ...]:
        """The phases that were selected, with the steps that are left out."""
        if not self.left_out:
            return self.phases
        names = {phase for phase, _ in self.left_out}.union(phase.name for phase in self.phases)
        return tuple(phase for phase in self.document.phases if phase.name in names)

    @property
    def runs(self) -> bool:
        """Whether it belongs to the run: not where all of its steps are left out."""
        return bool(self.phases) or not self.left_out

    def only(self, steps: Collection[StepName], former: Mapping[StepName, FormerStep]) -> "PlannedDocument":
        """The plan of a part of it: these steps, and what they refer to of the others."""
        names = [(phase.name, step.name) for phase in self.phases for step in phase.steps]
        left_out = tuple(name for name in names if name not in steps)
        if not left_out:
            return self._replace(former=former)
        parts = [
            phase._replace(steps=tuple(step for step in phase.steps if (phase.name, step.name) in steps))
            for phase in self.phases
        ]
        return self._replace(phases=tuple(part for part in parts if part.steps), left_out=left_out, former=former)


def plan_document(
    document: Document, phases: Sequence[str], parameters: Mapping[str, ParameterValue]
) -> PlannedDocument:
    """The plan of one document. Raises ToeError for a parameter without a value or with one that is not allowed.

    `parameters` may hold names that the document does not declare: others may.
    """
    selected = tuple(phase for phase in document.phases if not phases or phase.name in phases)
    values: dict[str, ParameterValue] = {constant.name: constant.value for constant in document.constants}
    for parameter in document.parameters:
        values[parameter.name] = _value(document, parameter, parameters)
    return PlannedDocument(document, selected, values)


def _value(document: Document, parameter: Parameter, given: Mapping[str, ParameterValue]) -> ParameterValue:
    value = given.get(parameter.name, parameter.default)
    place = f"{document.path}:{parameter.node.line}:{parameter.node.column}"
    if value is None:
        raise ToeError(
            f"{place}: the parameter '{parameter.name}' has no default and was given no value",
            hint=f"give it with --parameters {parameter.name}=VALUE",
        )
    if parameter.type == "stringList":
        from toe.document.declarations import list_of

        value = list_of(value) if isinstance(value, str) else tuple(value)
    elif not isinstance(value, str):
        value = ",".join(value)
    for text in (value,) if isinstance(value, str) else value:
        if parameter.allowed_values is not None and text not in parameter.allowed_values:
            raise ToeError(
                f"{place}: '{text}' is not allowed for the parameter '{parameter.name}'",
                hint=f"allowed: {', '.join(repr(allowed) for allowed in parameter.allowed_values)}",
            )
    return value


def unmatched_phases(documents: Sequence[Document], phases: Sequence[str]) -> list[str]:
    """The selected phase names that no document has. Raises ToeError when that is all of them: a false success."""
    known = list(dict.fromkeys(phase.name for document in documents for phase in document.phases))
    missing = [name for name in phases if name not in known]
    if missing and len(missing) == len(phases):
        from toe.document.suggest import suggest

        guesses = [guess for guess in (suggest(name, known) for name in missing) if guess]
        hint = f"did you mean {', '.join(repr(guess) for guess in guesses)}? " if guesses else ""
        if separated := comma_hint(missing[0]):
            hint = f"{separated}; "
        names = ", ".join(repr(name) for name in missing)
        raise ToeError(f"no document has a phase {names}", hint=f"{hint}phases there are: {', '.join(known)}")
    return missing


def shortened(steps: Sequence[StepName]) -> str:
    """Names of steps, the first ones of many."""
    more = f" and {len(steps) - MOST_NAMED} more" if len(steps) > MOST_NAMED else ""
    return ", ".join(".".join(name) for name in steps[:MOST_NAMED]) + more


def undeclared(documents: Sequence[Document], names: Sequence[str]) -> list[str]:
    """The given parameters that no document declares."""
    declared = declared_by(documents)
    return [name for name in names if name not in declared]


def declared_by(documents: Sequence[Document]) -> dict[str, None]:
    """The names of all parameters that the documents declare."""
    return dict.fromkeys(parameter.name for document in documents for parameter in document.parameters)
