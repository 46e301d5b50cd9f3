"""What a run is asked for. What of it is kept in the state lets the run be resumed with nothing but its id."""

from __future__ import annotations

import os
from binascii import b2a_base64
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

from toe.model import ParameterValue
from toe.quick_typing import TYPE_CHECKING, Any
from toe.records import NamedTuple

if TYPE_CHECKING:
    from toe.actions.base import Definition
    from toe.engine.plan import FormerStep
    from toe.events import Sink
    from toe.model import StepName
    from toe.results import RunResult
    from toe.session.given import Piece
    from toe.session.logs import LogPlace
    from toe.sinks.remote_logs import RemoteLogOptions
    from toe.system.cancellation import Cancellation

#: The key of the documents' copies, which hold no secret and are not looked through for any: they are in base64.
COPIES = "copies"
#: AWSTOE's limit, the Systems Manager agent's CommandRetryLimit (reference, section 8).
MAX_REBOOTS = 15
#: Who reboots the machine: toe, unless an agent runs it that does so; the caller, who is asked to; toe; nobody.
REBOOT_MODES = AUTO, EXIT, SYSTEM, NEVER = "auto", "exit", "system", "never"
#: Which states a new run takes up: that of its execution id, or any of the same documents. Either must wait for the
#: reboot that has just happened.
OF_ITS_ID, OF_ANY_ID = "of its id", "of any id"

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Request(NamedTuple):
    """A document to run, with parameters of its own (they win over those of the run).

    `stream` is what was read of it where it can be read only once: of a run that goes on.
    """

    path: str
    parameters: Mapping[str, ParameterValue] = _NOTHING
    stream: bytes = b""


class Order(NamedTuple):
    """One run as the command line or a program asks for it, with the hooks by which it is told of the run.

    What is run: the documents, their parameters and phases. `pieces` are further parameters; only the documents' own
    tell where the value of each ends. `only` and `start_at` choose steps, as PHASE.STEP or DOCUMENT:PHASE.STEP; what
    these refer to of others comes from the log folders `outputs_of`. `blocked` names actions that may not be used,
    `mask` parameters and environment variables whose values are secrets. `bucket_owner` is the account that must own
    the buckets of documents, "" for any. `actions` are those beside toe's own.

    How it is run: `execution_id` None makes one. `log_directory` gets the run's folder, None: no logs; `remote_logs`
    says where the logs go besides. `state_directory` gets the state, "": none is kept. `reboot` is one of REBOOT_MODES;
    "" is EXIT for a program that also starts the run again itself. `max_reboots` is how often a step may ask for one.
    `skip_exit_code`: a step that fails with it counts as skipped, as tests want it; None for no such code.
    `log_place` is the folder of the logs where somebody made it for a run in a container: its reboot is that the
    container starts again, which empties no file system.
    `environment` is the processes', by default this one's. `own_process`: the whole process is the run's
    (toe.system.host.current_host). `cancellation` stops the run.

    A run that goes on: `resume` is the path of its state. `copies` are the documents in files, nested ones too as far
    as they were known before the run: a reboot may have emptied the folder where they lay. `former` is what was found
    in the log folders `outputs_of`, for each document, once they were read. `takes_up` says which state
    a new run goes on with, where there is one (OF_ITS_ID, OF_ANY_ID; "" none). `options` of the command line are kept
    for `toe resume`.

    Hooks: `reads` is told the path of each document in a file before that is read. `begins` is called with the
    execution id when all is loaded and checked, and the run begins or goes on. `ends` is given the result when the logs
    and the state are closed, before any reboot: that ends this process. `listeners` makes the sinks beside the log
    files. `report` gets lines that people should see.
    """

    requests: tuple[Request, ...]
    parameters: Mapping[str, ParameterValue] = _NOTHING
    pieces: tuple[Piece, ...] = ()
    phases: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    start_at: str = ""
    outputs_of: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()
    bucket_owner: str = ""
    actions: tuple[Definition, ...] = ()

    execution_id: str | None = None
    log_directory: str | None = "."
    log_place: LogPlace | None = None
    remote_logs: RemoteLogOptions | None = None
    state_directory: str = ""
    reboot: str = ""
    max_reboots: int = MAX_REBOOTS
    skip_exit_code: int | None = None
    environment: Mapping[str, str] = os.environ
    own_process: bool = False
    cancellation: Cancellation | None = None

    resume: str = ""
    copies: Mapping[str, bytes] = _NOTHING
    former: tuple[Mapping[StepName, FormerStep], ...] | None = None
    takes_up: str = ""
    options: Mapping[str, Any] = _NOTHING

    reads: Callable[[str], None] | None = None
    begins: Callable[[str], None] = lambda execution_id: None
    ends: Callable[[RunResult], None] = lambda result: None
    listeners: Callable[[], Sequence[Sink]] = tuple
    report: Callable[[str], None] = lambda line: None

    @property
    def given(self) -> list[Mapping[str, ParameterValue]]:
        """The parameters of the run, and those of each document."""
        return [self.parameters, *(request.parameters for request in self.requests)]

    @property
    def is_part(self) -> bool:
        """Whether steps are left out of it, or taken from a former run: all else has whole phases."""
        return bool(self.only or self.start_at or self.outputs_of)

    def kept(self, secret: Collection[str] = ()) -> dict[str, Any]:
        """As data that JSON can hold, without the values of the parameters named in `secret`."""
        return {
            "requests": [[request.path, _without(request.parameters, secret)] for request in self.requests],
            "streams": {request.path: _base64(request.stream) for request in self.requests if request.stream},
            "parameters": _without(self.parameters, secret),
            "missing": sorted({name for values in self.given for name in values if name in secret}),
            "phases": self.phases,
            "blocked": self.blocked,
            "options": dict(self.options),
            "mask": sorted({*self.mask, *secret}),
            "bucket_owner": self.bucket_owner,
            COPIES: {path: _base64(data) for path, data in self.copies.items()},
            **(self._kept_part() if self.is_part else {}),
        }

    def _kept_part(self) -> dict[str, Any]:
        former = [
            [[*name, *step.record, step.folder] for name, step in document.items()] for document in self.former or ()
        ]
        return {"only": self.only, "start_at": self.start_at, "outputs_of": self.outputs_of, "former": former}


def _without(parameters: Mapping[str, ParameterValue], secret: Collection[str]) -> dict[str, ParameterValue]:
    return {name: value for name, value in parameters.items() if name not in secret}


def _base64(data: bytes) -> str:
    """As the module `base64` does it, which takes longer to load than a small run has time for."""
    return b2a_base64(data, newline=False).decode()
