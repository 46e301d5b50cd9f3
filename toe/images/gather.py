"""The documents of a run that is to be elsewhere, read here: where it runs there are none of these files."""

from __future__ import annotations

from collections.abc import Mapping

from toe.document.source import is_remote
from toe.environment import variable
from toe.errors import ToeError
from toe.secrets.masker import Secrets
from toe.session.hidden_values import MASK_VARIABLE, errors_without, named_secrets
from toe.session.order import Order
from toe.session.prepare import prepare
from toe.system.host import platform_name


def gathered(order: Order, here: Mapping[str, str]) -> Order:
    """The order with its documents, and those that they run as far as they are known, in it.

    `here` is this process's environment: the run will not have it. Raises ToeError for what is wrong with a document.
    """
    listed = (variable(here, MASK_VARIABLE, platform_name()) or "").split(",")
    order = order._replace(mask=(*order.mask, *(name.strip() for name in listed if name.strip())))
    secrets = named_secrets(order.mask, order.environment, platform_name())
    with errors_without(secrets):
        return _read(order, secrets)


def _read(order: Order, secrets: Secrets) -> Order:
    prepared = prepare(order, secrets, elsewhere="linux")
    for warning in prepared.warnings:
        order.report(f"toe: warning: {warning}")
    requests = tuple(
        request if is_remote(request.path) else request._replace(stream=document.source)
        for request, document in zip(prepared.order.requests, prepared.documents, strict=True)
    )
    reader = prepared.loader.reader
    copies = {**reader.files, **reader.fetched}
    return prepared.order._replace(execution_id=prepared.execution_id, requests=requests, copies=copies)


def chosen_environment(names: list[str], here: Mapping[str, str]) -> dict[str, str]:
    """The variables of `here` with these names; `A*` stands for all that begin with `A`. Raises ToeError."""
    chosen: dict[str, str] = {}
    for name in names:
        if name.endswith("*"):
            chosen.update({found: value for found, value in here.items() if found.startswith(name[:-1])})
        elif "=" in name:
            raise ToeError("--env takes names alone", hint="export the variable first: other users see command lines")
        elif name in here:
            chosen[name] = here[name]
        else:
            raise ToeError(f"--env: there is no variable '{name}' here")
    return chosen
