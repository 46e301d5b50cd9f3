"""Documents loaded, checked and planned: what is said here has run nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from toe.actions import ActionTable
from toe.actions.base import Definition
from toe.check.check import CheckOptions, check_all, check_document, load_document
from toe.check.reading import DocumentReader
from toe.document.source import STANDARD_INPUT
from toe.engine.plan import PlannedDocument, declared_by, plan_document, undeclared, unmatched_phases
from toe.engine.state.identity import Identity, identity_of
from toe.errors import DocumentError, Problem, Severity, ToeError, first_of
from toe.model import Document, ParameterValue
from toe.records import NamedTuple
from toe.secrets.masker import Secrets
from toe.session.hidden_values import errors_without, warnings_about
from toe.system.surroundings import require_surroundings

if TYPE_CHECKING:
    from toe.session.given import Piece


class Request(NamedTuple):
    """A document to run, with parameters of its own (they win over those of the run).

    `stream` is what was read of it where it can be read only once: of a run that goes on.
    """

    path: str
    parameters: Mapping[str, ParameterValue] = {}
    stream: bytes = b""


class Prepared(NamedTuple):
    """Documents that were loaded, checked and planned: nothing has run yet.

    `options` is what each check was told beside the document's own phases and parameters. `parameters` are those for
    all documents.
    """

    execution_id: str
    planned: tuple[PlannedDocument, ...]
    phases: tuple[str, ...]
    actions: ActionTable
    options: CheckOptions
    warnings: tuple[str, ...]
    secrets: Secrets
    reader: DocumentReader
    parameters: Mapping[str, ParameterValue]

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents, in order."""
        return tuple(planned.document for planned in self.planned)

    @property
    def identity(self) -> Identity:
        """What makes this run this run, without secrets."""
        identity = identity_of(self.planned, self.phases, self.secrets.names)
        if not self.secrets:
            return identity
        from toe.sinks.masking import Masking

        return Masking(self.secrets).masked(identity)


def prepare(
    requests: Sequence[Request],
    *,
    parameters: Mapping[str, ParameterValue],
    phases: Sequence[str] = (),
    execution_id: str | None = None,
    actions: Iterable[Definition] = (),
    blocked_actions: Iterable[str] = (),
    secrets: Secrets | None = None,
    bucket_owner: str = "",
    environment: Mapping[str, str] | None = None,
    pieces: Sequence[Piece] = (),
    kept_masks: Collection[str] = (),
    copies: Mapping[str, bytes] = {},
) -> Prepared:
    """Load, check and plan documents. Raises ToeError: what it is raised for has run nothing.

    `secrets` takes the values of the parameters and constants that are among its names. `bucket_owner` is the account
    that must own the buckets of documents, "" for any. `environment` is the processes' (default: this one's). `pieces`
    are further parameters, of which the documents decide where their values end. `kept_masks` are names to be masked
    that were known when a run that goes on began, and `copies` what its documents were: for those that are gone.
    """
    require_surroundings()
    secrets = Secrets() if secrets is None else secrets
    if execution_id == "":
        raise ToeError("the execution id is empty", hint="without --execution-id one is made")
    for given in (parameters, *(request.parameters for request in requests)):
        secrets.add_named(given)
    with errors_without(secrets):
        table = ActionTable(actions)
        _refuse_requests(requests, blocked_actions := tuple(blocked_actions), table)
        streams = {request.path: request.stream for request in requests if request.stream}
        reader = DocumentReader(bucket_owner, streams, copies)
        options = run_options(blocked_actions, reader, os.environ if environment is None else environment)
        documents = _loaded(requests, table, reader, secrets, pieces)
        given, warnings = dict(parameters), list[str]()
        if pieces:
            from toe.session.given import bound

            meant = bound(pieces, declared_by(documents), secrets.names)
            options = options._replace(taken_names=meant.taken)
            secrets.add_named(meant.values)
            given.update(meant.values)
            warnings += meant.warnings
        prepared = _prepared(requests, documents, given, phases, execution_id, table, options, secrets, reader)
        unknown = _unknown_masks(prepared, kept_masks) if secrets.unseen_names else []
        return prepared._replace(warnings=(*warnings, *prepared.warnings, *warnings_about(secrets, unknown)))


def _refuse_requests(requests: Sequence[Request], blocked: Sequence[str], table: ActionTable) -> None:
    if not requests:
        raise ToeError("no documents to run", hint="name at least one: toe run component.yml")
    if [request.path for request in requests].count(STANDARD_INPUT) > 1:
        raise ToeError("standard input can be read once, and several documents are to come from it")
    if blocked:
        from toe.session.unknown_names import refuse_unknown_actions

        refuse_unknown_actions(blocked, table)


def _loaded(
    requests: Sequence[Request], table: ActionTable, reader: DocumentReader, secrets: Secrets, pieces: Sequence[Piece]
) -> list[Document]:
    try:
        return [load(request.path, table, reader) for request in requests]
    except ToeError:
        for piece in pieces:  # a document that cannot be read may hold the value
            secrets.add_named({piece.name: piece.value})
        raise


def _unknown_masks(prepared: Prepared, kept: Collection[str]) -> list[str]:
    from toe.session.unknown_names import unknown_masks

    return unknown_masks(prepared.secrets, prepared.documents, kept, prepared.reader, prepared.actions)


def _prepared(
    requests: Sequence[Request],
    documents: Sequence[Document],
    parameters: Mapping[str, ParameterValue],
    phases: Sequence[str],
    execution_id: str | None,
    table: ActionTable,
    options: CheckOptions,
    secrets: Secrets,
    reader: DocumentReader,
) -> Prepared:
    warnings = [f"no document has a phase '{name}'" for name in unmatched_phases(documents, phases)]
    planned: list[PlannedDocument] = []
    found: list[Problem] = []
    problems: list[Problem] = []
    for document, request in zip(documents, requests, strict=True):
        given = {**parameters, **request.parameters}
        told = options._replace(phases=tuple(phases), given_parameters=given)
        found += check_document(document, told, table)
        problems = errors_in(found)
        if not problems:
            planned.append(plan_document(document, phases, given))
            secrets.add_named(planned[-1].values)
    if problems:
        raise DocumentError(first_of(problems), problems=tuple(dict.fromkeys(problems)))
    names = [*parameters, *(name for request in requests for name in request.parameters)]
    warnings += [f"no document declares the parameter '{name}'" for name in undeclared(documents, names)]
    if found or len(requests) > 1:
        from toe.session.seldom_meant import seldom_meant

        warnings += seldom_meant(requests, found)
    return Prepared(
        execution_id or new_execution_id(),
        tuple(planned),
        tuple(phases),
        table,
        options,
        tuple(warnings),
        secrets,
        reader,
        parameters,
    )


def new_execution_id() -> str:
    """A UUID version 1 (reference, section 7) with a random node, as RFC 4122 has it; `uuid` is slow to import."""
    ticks = time.time_ns() // 100 + 0x01B21DD213814000  # since 1582-10-15, in units of 100 ns
    tail = bytearray(os.urandom(8))
    tail[0] = tail[0] & 0x3F | 0x80
    tail[2] |= 0x01
    low, middle, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0x0FFF | 0x1000
    return f"{low:08x}-{middle:04x}-{high:04x}-{tail[:2].hex()}-{tail[2:].hex()}"


def load(path: str, actions: ActionTable, reader: DocumentReader, bucket_owner: str = "") -> Document:
    """One document. Raises DocumentError with everything that is wrong with it."""
    data = reader.read(path, bucket_owner)
    document, problems = load_document(data, path, actions)
    if document is None or errors_in(problems):
        errors = errors_in(check_all(data, path, CheckOptions(), actions)[1])
        raise DocumentError(first_of(errors), problems=tuple(errors))
    return document


def errors_in(problems: Sequence[Problem]) -> list[Problem]:
    """The problems for which a document is refused."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]


def run_options(blocked: Iterable[str], reader: DocumentReader, environment: Mapping[str, str]) -> CheckOptions:
    """What a check for a run on this machine is told. Programs are looked for as the condition `binaryExists` does."""
    from toe.system.host import platform_name

    platform = platform_name()

    def has_program(name: str) -> bool:
        from toe.expressions.binaries import binary_exists

        return binary_exists(name, environment, platform)

    return CheckOptions(
        platforms=(platform,),
        blocked=frozenset(blocked),
        given_parameters={},
        read_nested=reader.read_nested,
        follow_addresses=True,
        has_program=has_program,
    )
