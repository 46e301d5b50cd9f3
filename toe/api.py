"""What `import toe` gives: load, validate, run and resume documents. Prints nothing itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from toe.actions import ActionTable
from toe.actions.base import Definition
from toe.check.check import CheckOptions, check_all
from toe.check.reading import DocumentReader
from toe.engine.state.store import read_begun
from toe.errors import Problem, ToeError
from toe.events import Event
from toe.model import Document, ParameterValue
from toe.results import RunResult
from toe.session.given import Piece
from toe.session.going_on import order_again
from toe.session.order import Order, Request
from toe.session.prepare import load as load_one
from toe.session.run import run as run_order
from toe.system.cancellation import Cancellation
from toe.system.state_directory import journal_path
from toe.system.state_directory import state_directory as state_directory_of

Path: TypeAlias = "str | os.PathLike[str]"
Parameters: TypeAlias = "Mapping[str, str | Sequence[str]]"


def load(path: Path, *, actions: Iterable[Definition] = (), bucket_owner: str = "") -> Document:
    """Read one document: a file, or what an s3:// or https:// address or a component ARN names.

    `bucket_owner` is the account that must own the bucket. Raises DocumentError, with all problems of its form, when it
    is not a component document.
    """
    return load_one(os.fspath(path), ActionTable(actions), DocumentReader(bucket_owner))


def validate(
    documents: Path | Sequence[Path],
    *,
    platforms: Sequence[str] = (),
    blocked_actions: Iterable[str] = (),
    actions: Iterable[Definition] = (),
    lint: bool = True,
    profile: str = "",
    bucket_owner: str = "",
) -> list[Problem]:
    """Every problem of the documents, sorted by place; an empty list, or one without errors, means valid.

    `platforms` (linux, windows, darwin) are those the documents must run on; none given: any. `lint`: say what is
    unwise as well. `profile` "imagebuilder": the rules of EC2 Image Builder hold too. `bucket_owner` is the account
    that must own the buckets of documents. Raises DocumentError for a document that cannot be read, and ToeError for a
    name among `blocked_actions` that is no action module's.
    """
    table, reader = ActionTable(actions), DocumentReader(bucket_owner)
    blocked = frozenset(blocked_actions)
    if blocked:
        from toe.session.unknown_names import refuse_unknown_actions

        refuse_unknown_actions(sorted(blocked), table)
    options = CheckOptions(
        tuple(platforms),
        blocked,
        read_nested=reader.read_nested,
        follow_addresses=True,
        lint=lint,
        profile=profile,
    )
    problems: list[Problem] = []
    for path in _paths(documents):
        problems += check_all(reader.read(path), path, options, table)[1]
    return problems


def run(
    documents: Path | Sequence[Path],
    *,
    parameters: Parameters | None = None,
    phases: Sequence[str] = (),
    only: Sequence[str] = (),
    start_at: str = "",
    outputs_of: Path | Sequence[Path] = (),
    execution_id: str | None = None,
    log_directory: Path | None = ".",
    state_directory: Path | None = "",
    on_event: Callable[[Event], None] | None = None,
    actions: Iterable[Definition] = (),
    blocked_actions: Iterable[str] = (),
    environment: Mapping[str, str] | None = None,
    cancellation: Cancellation | None = None,
    mask: Iterable[str] = (),
    bucket_owner: str = "",
) -> RunResult:
    """Run documents in order and return what came of it; a failing step is a result, not an exception.

    `phases` empty: all. `only` names the steps to run, `start_at` the first one, as PHASE.STEP or DOCUMENT:PHASE.STEP;
    what they refer to of other steps comes from the log folders `outputs_of`, of several from the last one that has it.
    `log_directory` gets the run's own folder; None: no logs. `state_directory` gets what `resume`
    needs; "": the usual place (toe.system.state_directory); None: nothing is kept. `on_event` is told of every event,
    in order, in this thread. `environment` is the processes' (default: this one's). `cancellation` stops the run from
    another thread. `mask` names parameters and environment variables whose values are secrets, beside those of
    TOE_MASK: they and every SecureString are `***` in logs, state, events, the result and errors. `bucket_owner` is the
    account that must own the buckets of documents. Installs no signal handlers, prints nothing and reboots nothing: a
    result whose `reboot` is set asks the caller for it. Raises ToeError when nothing was run: unreadable or invalid
    documents (`problems` says why), missing parameters, no document, no matching phase or step, a name in
    `blocked_actions` or `mask` that names nothing.
    """
    directory = None if log_directory is None else os.fspath(log_directory)
    order = Order(
        tuple(map(Request, _paths(documents))),
        dict(_given(parameters)),
        phases=tuple(phases),
        only=tuple(only),
        start_at=start_at,
        outputs_of=tuple(_paths(outputs_of)),
        blocked=tuple(blocked_actions),
        mask=tuple(mask),
        bucket_owner=bucket_owner,
        execution_id=execution_id,
        log_directory=directory,
        state_directory=_state_directory(state_directory, directory),
    )
    return run_order(_hooked(order, on_event, actions, environment, cancellation))


def resume(
    execution_id: str,
    *,
    parameters: Parameters | None = None,
    state_directory: Path = "",
    on_event: Callable[[Event], None] | None = None,
    actions: Iterable[Definition] = (),
    environment: Mapping[str, str] | None = None,
    cancellation: Cancellation | None = None,
) -> RunResult:
    """Go on with a run that asked for a reboot, was stopped or was cut off, and return the result of the whole.

    Steps that finished are not run again; the one that was running is. Its logs go on in their folder. `parameters` has
    the values of masked parameters, which are not kept. Raises ToeError when nothing was run: no state, one that is in
    use or damaged, other documents, another working directory.
    """
    saved = read_begun(journal_path(_state_directory(state_directory, None), execution_id))
    if saved.head["directory"] != os.getcwd():
        raise ToeError(f"execution '{execution_id}' belongs to another working directory: '{saved.head['directory']}'")
    order = order_again(saved, [Piece(name, value) for name, value in _given(parameters)])
    return run_order(_hooked(order, on_event, actions, environment, cancellation))


def _hooked(
    order: Order,
    on_event: Callable[[Event], None] | None,
    actions: Iterable[Definition],
    environment: Mapping[str, str] | None,
    cancellation: Cancellation | None,
) -> Order:
    return order._replace(
        actions=tuple(actions),
        environment=os.environ if environment is None else dict(environment),
        cancellation=cancellation,
        listeners=lambda: [] if on_event is None else [_Listener(on_event)],
    )


def _given(parameters: Parameters | None) -> Iterator[tuple[str, ParameterValue]]:
    for name, value in (parameters or {}).items():
        yield name, value if isinstance(value, str) else tuple(value)


def _state_directory(given: Path | None, log_directory: str | None) -> str:
    if given is None:
        return ""
    return state_directory_of(os.fspath(given), log_directory or ".")


class _Listener:
    """A caller's function as a sink."""

    name = "on_event"

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self.handle = on_event

    def close(self) -> None:
        """Nothing is kept."""


def _paths(documents: Path | Sequence[Path]) -> list[str]:
    if isinstance(documents, (str, os.PathLike)):
        return [os.fspath(documents)]
    return [os.fspath(path) for path in documents]
