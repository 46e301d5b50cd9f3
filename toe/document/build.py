"""From the tree of a document to the typed model, in one tolerant walk (reference, section 1).

What has the right form goes into the model. What has not is refused, and a default stands in its place or it is left
out, so that the passes behind this one can look at the rest of a broken document. What words mean together
(references, platforms, values) is not judged here.
"""

from __future__ import annotations

from toe import codes
from toe.document.fields import boolean_of, is_nothing, name_of, text_of, values_of
from toe.document.keys import (
    DOCUMENT_KEYS,
    DOCUMENT_REQUIRED,
    PHASE_KEYS,
    PHASE_NAME_SHORTEST,
    PHASE_REQUIRED,
    SCHEMA_VERSION,
    SCHEMA_VERSIONS,
)
from toe.document.refusals import Refusal as Refusal
from toe.document.refusals import Refusals, described, shown
from toe.document.steps import Actions, InputsReader, StepReader
from toe.model import Constant, Document, Parameter, Phase
from toe.nodes import Mapping, Node, Scalar, Sequence

NO_PHASES = "Document has 0 phases. Phases list must not be empty."


def build_document(
    root: Node, path: str, source: bytes, actions: Actions, read_inputs: InputsReader
) -> tuple[Document, list[Refusal]]:
    """The document under `root`, and every node that has not the form that the reference asks for.

    `path` is what the user wrote, `source` the bytes that were read. `read_inputs` converts the inputs of a step by
    its action's definition: `toe.actions.inputs.read_inputs`, which stands above this package.
    """
    refuse = Refusals()
    if not isinstance(root, Mapping):
        refuse.wrong_kind(root, "the document", "a mapping")
        return Document(path, (), source=source), refuse.found
    values = values_of(root, DOCUMENT_KEYS, DOCUMENT_REQUIRED, refuse, texts=("phases",))
    _check_version(values.get("schemaVersion"), refuse)
    parameters, constants = _declarations(values.get("parameters"), values.get("constants"), refuse)
    document = Document(
        path=path,
        name=text_of(values.get("name"), "name", refuse) or "",
        description=text_of(values.get("description"), "description", refuse) or "",
        schema_version=SCHEMA_VERSION,
        parameters=parameters,
        constants=constants,
        disable_logging=boolean_of(values.get("disableLogging"), "disableLogging", refuse) or False,
        phases=_phases(values.get("phases"), StepReader(actions, read_inputs, refuse), refuse),
        node=root,
        source=source,
    )
    return document, refuse.found


def _declarations(
    parameters: Node | None, constants: Node | None, refuse: Refusals
) -> tuple[tuple[Parameter, ...], tuple[Constant, ...]]:
    """What is declared. What reads it is loaded for documents that have some."""
    if parameters is None and constants is None:
        return (), ()
    from toe.document.declarations import read_constants, read_parameters

    taken: dict[str, Scalar] = {}
    return read_parameters(parameters, refuse, taken), read_constants(constants, refuse, taken)


def _check_version(node: Node | None, refuse: Refusals) -> None:
    if node is not None and not (isinstance(node, Scalar) and node.text in SCHEMA_VERSIONS):
        message = f"unknown schema version {described(node)}"
        refuse(node, codes.SCHEMA_VERSION, message, f"write schemaVersion: {SCHEMA_VERSION}")


def _phases(node: Node | None, steps: StepReader, refuse: Refusals) -> tuple[Phase, ...]:
    if node is None:
        return ()
    if is_nothing(node) or (isinstance(node, Sequence) and not node.items):
        refuse(node, codes.EMPTY_LIST, NO_PHASES)
        return ()
    if not isinstance(node, Sequence):
        refuse.wrong_kind(node, "'phases'", "a list")
        return ()
    names: dict[str, Node] = {}
    phases = (_phase(item, steps, names, refuse) for item in node.items)
    return tuple(phase for phase in phases if phase is not None)


def _phase(node: Node, steps: StepReader, names: dict[str, Node], refuse: Refusals) -> Phase | None:
    if not isinstance(node, Mapping):
        refuse.wrong_kind(node, "a phase", "a mapping")
        return None
    values = values_of(node, PHASE_KEYS, PHASE_REQUIRED, refuse)
    name = name_of(values["name"], "phase", refuse, shortest=PHASE_NAME_SHORTEST) if "name" in values else ""
    if name and names.setdefault(name, values["name"]) is not values["name"]:
        message = f"duplicate phase name {shown(name)}: it stands in line {names[name].line} already"
        refuse(values["name"], codes.DUPLICATE_NAME, message)
    items = values.get("steps")
    if items is not None and not isinstance(items, Sequence):
        refuse.wrong_kind(items, "'steps'", "a list")
    disable_logging = boolean_of(values.get("disableLogging"), "disableLogging", refuse) or False
    read = steps.read_all(items.items, name) if isinstance(items, Sequence) else ()
    return Phase(name, read, disable_logging, node)
