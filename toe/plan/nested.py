"""A nested document before a run: what of its parameters is known only at run time is left open."""

from __future__ import annotations

from toe.actions.base import DocumentRequest
from toe.engine.plan import PlannedDocument, unmatched_phases
from toe.errors import ActionError, ToeError
from toe.model import Document, Parameter, ParameterValue
from toe.plan.knowledge import Secret, Unknown, secret_of
from toe.secrets.masker import MASK
from toe.session.prepare import Loader, load, refuse_errors


def plan_nested(request: DocumentRequest, caller: str, loader: Loader) -> PlannedDocument:
    """The plan of what an ExecuteDocument step asks for, whose parameters may hold Unknown and Secret values.

    Raises ActionError with the reason where there is none.
    """
    given: dict[str, ParameterValue] = {}
    unknown: dict[str, Unknown] = {}
    value: ParameterValue
    for name, value in request.parameters:
        if isinstance(value, Unknown):
            unknown[name] = value
        else:
            given[name] = value
    try:
        path = loader.reader.find_nested(request.document, caller)
        document = _opened(load(path, loader.actions, loader.reader, request.bucket_owner), unknown)
        loader.secrets.add_named(given)
        refuse_errors(loader.check(document, request.phases, given))
        unmatched_phases([document], request.phases)
        planned = loader.plan(document, request.phases, given)
    except ToeError as error:
        told = error.in_one_line
        for value in (request.document, *given.values()):
            if isinstance(value, Secret) and value:
                told = told.replace(value, MASK)
        raise ActionError(told) from error
    hidden = {name for name, value in given.items() if isinstance(value, Secret)}
    values = {name: secret_of(value) if name in hidden else value for name, value in planned.values.items()}
    return planned._replace(values=values)


def _opened(document: Document, unknown: dict[str, Unknown]) -> Document:
    """The document with these values, which nothing can judge yet, as defaults that are always allowed."""

    def opened(parameter: Parameter) -> Parameter:
        if parameter.name not in unknown:
            return parameter
        return parameter._replace(type="string", default=unknown[parameter.name], allowed_values=None)

    return document._replace(parameters=tuple(map(opened, document.parameters)))
