"""The names of a document and where they stand, for the passes that follow references.

Read off the nodes and not off the model: a step with an invalid name is there all the same, and a reference to it must
not be called unknown as well.
"""

from toe.model import Document, Loop, Phase, Step
from toe.nodes import Mapping, Node, Scalar, Sequence
from toe.records import NamedTuple


class PhaseOutline(NamedTuple):
    """One phase: its position, the positions of its steps, and whether some of its steps have no readable name."""

    position: int
    steps: dict[str, int]
    opaque: bool


class Outline(NamedTuple):
    """The names that expressions of a document may use. `opaque`: some phase has no readable name."""

    names: frozenset[str]
    phases: dict[str, PhaseOutline]
    opaque: bool
    opaque_names: bool


class Place(NamedTuple):
    """A step with the positions of its phase and of itself."""

    phase_index: int
    step_index: int
    phase: Phase
    step: Step
    loop: Loop | None


def outline_of(document: Document) -> Outline:
    """The outline of a document, in one walk."""
    parameters = {parameter.name for parameter in document.parameters}
    names = frozenset(parameters | {constant.name for constant in document.constants})
    if document.node is None:
        return Outline(names, _phases_of_model(document), False, False)
    declared, opaque_names = _declared(document.node)
    phases, opaque = _phases_of_nodes(document.node.get("phases"))
    return Outline(names | declared, phases, opaque, opaque_names)


def _phases_of_model(document: Document) -> dict[str, PhaseOutline]:
    phases: dict[str, PhaseOutline] = {}
    for index, phase in enumerate(document.phases):
        steps: dict[str, int] = {}
        for position, step in enumerate(phase.steps):
            steps.setdefault(step.name, position)
        phases.setdefault(phase.name, PhaseOutline(index, steps, False))
    return phases


def _declared(root: Mapping) -> tuple[frozenset[str], bool]:
    """Names under `parameters` and `constants`, and whether some of that could not be read."""
    names: list[str] = []
    opaque = False
    for key in ("parameters", "constants"):
        node = root.get(key)
        items = node.items if isinstance(node, Sequence) else [node]
        for item in items:
            if isinstance(item, Mapping):
                names += [name.text for name, _ in item]
                named = item.get("name")
                names += [named.text] if isinstance(named, Scalar) else []
            elif item is not None and not (isinstance(item, Scalar) and not item.text):
                opaque = True
    return frozenset(names), opaque


def _phases_of_nodes(node: Node | None) -> tuple[dict[str, PhaseOutline], bool]:
    if not isinstance(node, Sequence):
        return {}, True
    phases: dict[str, PhaseOutline] = {}
    opaque = False
    for index, item in enumerate(node.items):
        name = _name_of(item)
        if name is None or not isinstance(item, Mapping):
            opaque = True
        elif name not in phases:
            phases[name] = _steps_of(index, item.get("steps"))
    return phases, opaque


def _steps_of(index: int, node: Node | None) -> PhaseOutline:
    if not isinstance(node, Sequence):
        return PhaseOutline(index, {}, True)
    steps: dict[str, int] = {}
    opaque = False
    for position, item in enumerate(node.items):
        name = _name_of(item)
        if name is None:
            opaque = True
        else:
            steps.setdefault(name, position)
    return PhaseOutline(index, steps, opaque)


def _name_of(node: Node) -> str | None:
    name = node.get("name") if isinstance(node, Mapping) else None
    return name.text if isinstance(name, Scalar) else None


def places_of(document: Document) -> list[Place]:
    """Every step with its positions in the source; steps and phases that could not be built leave gaps."""
    phase_nodes = _items(document.node.get("phases") if document.node else None)
    phase_index_of = {id(node): index for index, node in enumerate(phase_nodes)}
    places: list[Place] = []
    for number, phase in enumerate(document.phases):
        phase_index = phase_index_of.get(id(phase.node), number)
        step_index_of = {id(node): index for index, node in enumerate(_items(phase.node and phase.node.get("steps")))}
        for position, step in enumerate(phase.steps):
            step_index = step_index_of.get(id(step.node), position)
            places.append(Place(phase_index, step_index, phase, step, step.loop))
    return places


def _items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, Sequence) else []
