"""What a component document says, typed (reference, section 1). Immutable; positions lead back to the YAML."""

from __future__ import annotations

from toe.nodes import Mapping, Node
from toe.quick_typing import TypeAlias
from toe.records import NamedTuple
from toe.words import Word

#: Plain data as it stands under `inputs:`, strings unresolved: text fields hold the source's text.
Value: TypeAlias = "str | bool | int | float | list[Value] | dict[str, Value] | None"
Entry: TypeAlias = "dict[str, Value]"
#: The value of a parameter or a constant; several texts: of the type stringList.
ParameterValue: TypeAlias = "str | tuple[str, ...]"
#: What tells a step from the others of its document: its phase's name, and its own.
StepName: TypeAlias = "tuple[str, str]"

DEFAULT_TIMEOUT_SECONDS = 7200
INFINITE_TIMEOUT = -1
NO_NODE = Node(1, 1, 1, 1)


class OnFailure(Word):
    """What a failed step does to the run."""

    ABORT = "Abort"
    CONTINUE = "Continue"
    IGNORE = "Ignore"


class Verdict(Word):
    """What `then` and `else` of a condition ask for."""

    ABORT = "Abort"
    EXECUTE = "Execute"
    SKIP = "Skip"


class Comparison(NamedTuple):
    """One operator. `operand` stands under the operator's name, `subject` under `value` or `path` (None: it has none).

    `operator` is the canonical spelling (`stringEquals`); both texts may hold expressions.
    """

    operator: str
    operand: str
    subject: str | None = None
    node: Node = NO_NODE


class Logical(NamedTuple):
    """`and`, `or`, `not` (reference, section 5); `not` has exactly one condition."""

    operator: str
    conditions: tuple[Condition, ...]
    node: Node = NO_NODE


Condition: TypeAlias = "Comparison | Logical"


class If(NamedTuple):
    """A step's `if`."""

    condition: Condition
    then: Verdict = Verdict.EXECUTE
    otherwise: Verdict = Verdict.SKIP
    node: Node = NO_NODE


class ForLoop(NamedTuple):
    """`for`: both bounds belong to it."""

    start: int
    end: int
    update_by: int


class ForEachLoop(NamedTuple):
    """`forEach` over a list of texts, each of which may hold expressions."""

    items: tuple[str, ...]


class DelimitedLoop(NamedTuple):
    """`forEach` over one text, split at `delimiter`; without a delimiter a comma."""

    text: str
    delimiter: str = ","


class Loop(NamedTuple):
    """A step's `loop`."""

    over: ForLoop | ForEachLoop | DelimitedLoop
    name: str | None = None
    node: Node = NO_NODE


class Step(NamedTuple):
    """One step. `inputs` is the list of entries, one for an action whose inputs are a single map, () for none.

    `timeout_seconds` is per attempt, -1 infinite. `node` is the step's mapping, `inputs_node` what is under `inputs`.
    """

    name: str
    action: str
    inputs: tuple[Entry, ...] = ()
    timeout_seconds: int = DEFAULT_TIMEOUT_SECONDS
    on_failure: OnFailure = OnFailure.ABORT
    max_attempts: int = 1
    loop: Loop | None = None
    condition: If | None = None
    disable_logging: bool = False
    node: Mapping | None = None
    inputs_node: Node | None = None


class Phase(NamedTuple):
    """One phase: its steps in order."""

    name: str
    steps: tuple[Step, ...]
    disable_logging: bool = False
    node: Mapping | None = None


class Parameter(NamedTuple):
    """A declared parameter. `default` None: a value must be given. A `stringList` default is a tuple."""

    name: str
    type: str = "string"
    default: ParameterValue | None = None
    description: str = ""
    allowed_values: tuple[str, ...] | None = None
    node: Node = NO_NODE


class Constant(NamedTuple):
    """A declared constant."""

    name: str
    value: str
    node: Node = NO_NODE


class Document(NamedTuple):
    """A component document. `path` is what the user wrote; `source` the bytes that were read."""

    path: str
    phases: tuple[Phase, ...]
    name: str = ""
    description: str = ""
    schema_version: str = "1.0"
    parameters: tuple[Parameter, ...] = ()
    constants: tuple[Constant, ...] = ()
    disable_logging: bool = False
    node: Mapping | None = None
    source: bytes = b""
