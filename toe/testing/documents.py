"""Loads component documents as tests: which steps of a document are run, with what, and whether they can be."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence

from toe.actions import ActionTable
from toe.check.findings import Findings
from toe.check.reading import DocumentReader
from toe.codes import UNSUPPORTED_ACTION, UNSUPPORTED_INPUT
from toe.document.recognition import is_component
from toe.document.source import is_stream
from toe.engine.plan import declared_by
from toe.errors import DocumentError, ToeError, first_of
from toe.model import Document, ParameterValue
from toe.records import NamedTuple
from toe.session.hidden_values import errors_without, named_secrets
from toe.session.order import NEVER, Order, Request
from toe.session.prepare import errors_in, load, prepare
from toe.session.unknown_names import unknown_masks
from toe.system.host import platform_name
from toe.testing.expected import expected_seconds

#: The phases in which Image Builder tests: after the build, and on a machine that was started from the new image.
PHASES = ("validate", "test")
#: As automake has it: the step cannot test anything here.
SKIP_EXIT_CODE = 77
_OF_PLATFORM = (UNSUPPORTED_ACTION, UNSUPPORTED_INPUT)


class Case(NamedTuple):
    """A step that is a test. `expected_seconds` is how long it may take, None where the document does not say."""

    phase: str
    name: str
    action: str
    line: int
    expected_seconds: float | None

    @property
    def label(self) -> str:
        """What people call it: `test.Greet`."""
        return f"{self.phase}.{self.name}"


class DocumentTests(NamedTuple):
    """The tests of a document, in the order in which they run, and the order to run them.

    `skipped` says why they cannot be run on this platform, "" where they can.
    """

    document: Document
    cases: tuple[Case, ...]
    order: Order
    skipped: str = ""

    @property
    def path(self) -> str:
        """As it was found or named."""
        return self.document.path


def load_cases(path: str, reader: DocumentReader, *, found: bool) -> tuple[Document, tuple[Case, ...]] | None:
    """A document and its cases, which may be none; None for one found on a walk that is no component document.

    Raises DocumentError with all that is wrong with its form, and ToeError for a comment that cannot be read.
    """
    if found and not is_component(reader.read(path)):
        return None
    document = load(path, ActionTable(), reader)
    lines = Findings(path, document.source).lines
    cases = [
        Case(
            phase.name,
            step.name,
            step.action,
            step.node.line if step.node else 0,
            expected_seconds(step, lines, path),
        )
        for phase in document.phases
        if phase.name in PHASES
        for step in phase.steps
    ]
    return document, tuple(cases)


def holds(document: Document, cases: Sequence[Case], text: str) -> bool:
    """Whether the path or the name of a document, or the label of a case, has the text in it, in any case."""
    texts = (document.path, document.name, *(case.label for case in cases))
    return any(text.casefold() in one.casefold() for one in texts)


def planned_tests(
    document: Document,
    cases: Sequence[Case],
    parameters: Mapping[str, ParameterValue],
    mask: Sequence[str],
    *,
    found: bool,
) -> DocumentTests:
    """The tests of a document, which is checked for this platform as a run checks it; nothing is run yet.

    Of the parameters it gets those that it declares. Where it was `found` on a walk and fails the check for nothing but
    the platform, its tests are skipped. Raises ToeError for all else that would be refused.
    """
    declared = declared_by([document])
    order = Order(
        (Request(document.path, stream=document.source if is_stream(document.path) else b""),),
        {name: value for name, value in parameters.items() if name in declared},
        phases=tuple(dict.fromkeys(case.phase for case in cases)),
        mask=tuple(mask),
        reboot=NEVER,
        skip_exit_code=SKIP_EXIT_CODE,
    )
    secrets = named_secrets(order.mask, order.environment, platform_name())
    skipped = ""
    with errors_without(secrets):
        try:
            prepare(order, secrets)
        except DocumentError as error:
            problems = errors_in(error.problems)
            if not found or not problems or any(problem.code not in _OF_PLATFORM for problem in problems):
                raise
            skipped = first_of(problems)
    return DocumentTests(document, tuple(cases), order, skipped)


def masks_of(
    documents: Sequence[Document], names: Collection[str], reader: DocumentReader
) -> Callable[[Document], list[str]]:
    """Tells for each document which names are to be masked in its run: a run refuses those that name nothing in it.

    Raises ToeError for a name that names nothing in any of the documents.
    """
    known: dict[str, list[str]] = {document.path: [] for document in documents}
    for name in names:
        refusals = []
        for document in documents:
            refusal = _refusal_of_mask(name, document, reader)
            if refusal is None:
                known[document.path].append(name)
            else:
                refusals.append(refusal)
        if refusals and len(refusals) == len(documents):
            raise refusals[0]
    return lambda document: known[document.path]


def _refusal_of_mask(name: str, document: Document, reader: DocumentReader) -> ToeError | None:
    secrets = named_secrets([name], os.environ, platform_name())
    # The plan of a document, which a run asks, has values for these.
    declared = {*declared_by([document]), *(constant.name for constant in document.constants)}
    if name in declared or name not in secrets.unseen_names:
        return None
    try:
        unknown_masks(secrets, [document], (), reader, ActionTable())
    except ToeError as error:
        return error
    return None
