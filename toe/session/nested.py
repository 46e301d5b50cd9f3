"""Nested documents: loaded, checked and planned when their step runs."""

from __future__ import annotations

from collections.abc import Callable

from toe.actions.base import DocumentRequest
from toe.check.check import check_document
from toe.engine.plan import PlannedDocument, plan_document, unmatched_phases
from toe.errors import ActionError, DocumentError, ToeError, first_of
from toe.model import Document, ParameterValue
from toe.session.prepare import Prepared, errors_in, load


class NestedPlanner:
    """Loads, checks and plans what an ExecuteDocument step asks for. `keep` is given each document.

    `check` is called while one is waited for, and raises to stop.
    """

    def __init__(self, prepared: Prepared, keep: Callable[[Document], None], check: Callable[[], None]) -> None:
        self._keep = keep
        self._reader = prepared.reader
        self._reader.check = check
        self._actions = prepared.actions
        self._options = prepared.options
        self._secrets = prepared.secrets

    def plan(self, request: DocumentRequest, caller: str) -> PlannedDocument:
        """Raises ActionError with the reason when the document cannot be run."""
        given: dict[str, ParameterValue] = dict(request.parameters)
        self._secrets.add_named(given)
        try:
            path = self._reader.find_nested(request.document, caller)
            document = load(path, self._actions, self._reader, request.bucket_owner)
            self._keep(document)
            options = self._options._replace(phases=request.phases, given_parameters=given)
            errors = errors_in(check_document(document, options, self._actions))
            if errors:
                raise DocumentError(first_of(errors), problems=tuple(errors))
            unmatched_phases([document], request.phases)
            planned = plan_document(document, request.phases, given)
            self._secrets.add_named(planned.values)
            return planned
        except ToeError as error:
            raise ActionError(f"{error.message} ({error.hint})" if error.hint else error.message) from error
