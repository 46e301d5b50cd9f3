"""What is loaded for a run: documents read, checked and planned. What is said here has run nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from toe.actions import ActionTable
from toe.check.check import CheckOptions, check_all, check_document, load_document
from toe.check.reading import DocumentReader
from toe.codes import NESTED_UNKNOWN_PARAMETER, NESTED_UNREADABLE, OTHER_TEMPLATE_FORM, SWALLOWED_STEP
from toe.document.source import STANDARD_INPUT, identity, is_stream
from toe.engine.plan import PlannedDocument, declared_by, plan_document, undeclared, unmatched_phases
from toe.engine.state.identity import Identity, identity_of
from toe.errors import ActionError, DocumentError, Problem, Severity, ToeError, first_of
from toe.execution_names import new_execution_id
from toe.model import Document, ParameterValue
from toe.quick_typing import TYPE_CHECKING, Any
from toe.records import NamedTuple
from toe.secrets.masker import Secrets
from toe.session.hidden_values import warnings_about
from toe.session.order import Order, Request
from toe.system.host import platform_name, require_surroundings

if TYPE_CHECKING:
    from toe.actions.base import DocumentRequest
    from toe.session.part import DocumentPart
    from toe.sinks.masking import Masking


class Prepared(NamedTuple):
    """Documents that were loaded, checked and planned: nothing has run yet.

    `order` has all that was read for it: the execution id, the values of all parameters, the documents.
    """

    execution_id: str
    order: Order
    planned: tuple[PlannedDocument, ...]
    warnings: tuple[str, ...]
    loader: Loader

    @property
    def running(self) -> tuple[PlannedDocument, ...]:
        """The documents of which anything runs, in order."""
        return tuple(planned for planned in self.planned if planned.runs)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents, in order, as they were loaded."""
        return tuple(planned.document for planned in self.planned)

    @property
    def left_out(self) -> int:
        """How many steps are left out."""
        return sum(len(planned.left_out) for planned in self.planned)

    @property
    def identity(self) -> Identity:
        """What makes this run this run, without secrets."""
        secret = self.loader.secrets.names
        identity: Identity = self.loader.masked(identity_of(self.planned, self.order.phases, secret))
        return identity


class Loader:
    """Loads, checks and plans documents: those of an order, and those that their steps run.

    `elsewhere` is the system of the host or container that will run them, "" for this machine.
    """

    def __init__(self, order: Order, secrets: Secrets, *, fetches: bool = True, elsewhere: str = "") -> None:
        self.actions = ActionTable(order.actions)
        streams = {request.path: request.stream for request in order.requests if request.stream}
        self.reader = DocumentReader(order.bucket_owner, streams, order.copies, fetches=fetches, reads=order.reads)
        self.secrets = secrets
        self._masking: Masking | None = None
        self._elsewhere = elsewhere
        platform = elsewhere or platform_name()

        def has_program(name: str) -> bool:
            """As the condition `binaryExists` looks for it."""
            from toe.expressions.binaries import binary_exists

            return bool(elsewhere) or binary_exists(name, order.environment, platform)

        self.options = CheckOptions(
            platforms=(platform,),
            blocked=frozenset(order.blocked),
            given_parameters={},
            read_nested=self.reader.read_nested,
            follow_addresses=fetches,
            has_program=has_program,
        )

    def masked(self, value: Any) -> Any:
        """What may stand in the state: later steps live by it, so it lacks the secrets alone."""
        if not self.secrets:
            return value
        if self._masking is None:
            from toe.sinks.masking import Masking

            self._masking = Masking(self.secrets)
        return self._masking.masked(value)

    def check(
        self,
        document: Document,
        phases: Sequence[str],
        given: Mapping[str, ParameterValue],
        part: DocumentPart | None = None,
    ) -> list[Problem]:
        """What is wrong with these phases of a document on this machine, or a part of them, with these parameters."""
        told = self.options._replace(
            phases=tuple(phases), given_parameters=given, part=None if part is None else part.for_checks
        )
        found = check_document(document, told, self.actions)
        return [problem for problem in found if problem.code != NESTED_UNREADABLE] if self._elsewhere else found

    def plan(self, document: Document, phases: Sequence[str], given: Mapping[str, ParameterValue]) -> PlannedDocument:
        """The plan of a document without errors. Raises ToeError as toe.engine.plan.plan_document."""
        planned = plan_document(document, phases, given)
        self.secrets.add_named(planned.values)
        return planned

    def plan_nested(self, request: DocumentRequest, caller: str, keep: Callable[[Document], None]) -> PlannedDocument:
        """The plan of what an ExecuteDocument step asks for; `keep` is given its document.

        Raises ActionError with the reason when it cannot be run.
        """
        given: dict[str, ParameterValue] = dict(request.parameters)
        self.secrets.add_named(given)
        try:
            path = self.reader.find_nested(request.document, caller)
            document = load(path, self.actions, self.reader, request.bucket_owner)
            keep(document)
            refuse_errors(self.check(document, request.phases, given))
            unmatched_phases([document], request.phases)
            return self.plan(document, request.phases, given)
        except ToeError as error:
            raise ActionError(error.in_one_line) from error


def prepare(order: Order, secrets: Secrets, *, fetches: bool = True, elsewhere: str = "") -> Prepared:
    """Load, check and plan what is asked for. Raises ToeError: what it is raised for has run nothing.

    Without `fetches` documents at addresses are refused, nested ones left unread. `elsewhere`: it will not run on this
    machine but on another system, so what is installed here, and a nested document that is not here, say nothing.
    `secrets` takes the values of the parameters and constants that are among its names.
    """
    require_surroundings()
    if order.execution_id == "":
        raise ToeError("the execution id is empty", hint="without --execution-id one is made")
    for values in order.given:
        secrets.add_named(values)
    loader = Loader(order, secrets, fetches=fetches, elsewhere=elsewhere)
    _refuse_requests(order, loader.actions)
    documents = _loaded(order, loader)
    given, warnings = dict(order.parameters), list[str]()
    if order.pieces:
        from toe.session.given import bound

        meant = bound(order.pieces, declared_by(documents), secrets.names)
        loader.options = loader.options._replace(taken_names=meant.taken)
        secrets.add_named(meant.values)
        given.update(meant.values)
        warnings += meant.warnings
    order = order._replace(parameters=given, pieces=())
    parts: Sequence[DocumentPart] = ()
    if order.is_part:
        from toe.session.part import parts_of

        parts = parts_of(order, documents, loader.actions)
    planned, said = _planned(order, documents, parts, loader)
    if parts:
        order = order._replace(former=tuple(one.former for one in planned))
    unknown = _unknown_masks(order, documents, loader) if secrets.unseen_names else []
    return Prepared(
        new_execution_id() if order.execution_id is None else order.execution_id,
        order._replace(requests=_with_streams(order.requests, documents), copies=_copies(loader)),
        planned,
        (*warnings, *said, *warnings_about(secrets, unknown)),
        loader,
    )


def _refuse_requests(order: Order, table: ActionTable) -> None:
    if not order.requests:
        raise ToeError("no documents to run", hint="name at least one: toe run component.yml")
    if [request.path for request in order.requests].count(STANDARD_INPUT) > 1:
        raise ToeError("standard input can be read once, and several documents are to come from it")
    if order.blocked:
        from toe.session.unknown_names import refuse_unknown_actions

        refuse_unknown_actions(order.blocked, table)


def _loaded(order: Order, loader: Loader) -> list[Document]:
    try:
        return [load(request.path, loader.actions, loader.reader) for request in order.requests]
    except ToeError:
        for piece in order.pieces:  # a document that cannot be read may hold the value
            loader.secrets.add_named({piece.name: piece.value})
        raise


def _planned(
    order: Order, documents: Sequence[Document], parts: Sequence[DocumentPart], loader: Loader
) -> tuple[tuple[PlannedDocument, ...], list[str]]:
    """The plan of each document, or of its part where there are `parts`, and warnings."""
    warnings = [f"no document has a phase '{name}'" for name in unmatched_phases(documents, order.phases)]
    planned: list[PlannedDocument] = []
    found: list[Problem] = []
    for position, (document, request) in enumerate(zip(documents, order.requests, strict=True)):
        part = parts[position] if parts else None
        given = {**order.parameters, **request.parameters}
        found += loader.check(document, order.phases, given, part)
        if not errors_in(found):
            plan = loader.plan(document, order.phases, given)
            planned.append(plan if part is None else plan.only(part.steps, part.former.wanted))
    refuse_errors(found)
    names = [name for values in order.given for name in values]
    warnings += [f"no document declares the parameter '{name}'" for name in undeclared(documents, names)]
    return tuple(planned), [*warnings, *dict.fromkeys((*_named_twice(order.requests), *_unused(found)))]


def _named_twice(requests: Sequence[Request]) -> Iterator[str]:
    """With other parameters a document is another piece of work."""
    seen: set[tuple[str, frozenset[tuple[str, ParameterValue]]]] = set()
    for request in requests if len(requests) > 1 else ():
        known = identity(request.path), frozenset(request.parameters.items())
        if known in seen:
            yield f"{request.path} is named more than once, and runs each time"
        seen.add(known)


def _unused(problems: Iterable[Problem]) -> Iterator[str]:
    """The findings that say that something given is not used: legal, and seldom meant."""
    for problem in problems:
        if problem.code in (NESTED_UNKNOWN_PARAMETER, SWALLOWED_STEP, OTHER_TEMPLATE_FORM):
            yield first_of([problem])


def _unknown_masks(order: Order, documents: Sequence[Document], loader: Loader) -> list[str]:
    from toe.session.unknown_names import unknown_masks

    known_before = order.mask if order.resume else ()
    return unknown_masks(loader.secrets, documents, known_before, loader.reader, loader.actions)


def _with_streams(requests: Iterable[Request], documents: Iterable[Document]) -> tuple[Request, ...]:
    """The requests with what was read of those documents that can be read only once."""
    return tuple(
        request._replace(stream=document.source) if is_stream(request.path) else request
        for request, document in zip(requests, documents, strict=True)
    )


def _copies(loader: Loader) -> dict[str, bytes]:
    """What was read of files. Of a document that holds a secret no copy is kept."""
    secrets = loader.secrets
    return {path: data for path, data in loader.reader.files.items() if not secrets or secrets.mask_bytes(data) == data}


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


def refuse_errors(problems: Sequence[Problem]) -> None:
    """Raise DocumentError when there are errors among the problems."""
    if errors := errors_in(problems):
        raise DocumentError(first_of(errors), problems=tuple(dict.fromkeys(errors)))
