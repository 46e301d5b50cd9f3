"""What hosts are to run, judged here: what is wrong is told before any host is asked."""

from __future__ import annotations

import os
from collections.abc import Sequence

from toe.api import load
from toe.cli.command import split_names
from toe.cli.terminal import say_line
from toe.errors import ToeError
from toe.secrets.masker import Secrets
from toe.session.given import bound
from toe.session.order import Order
from toe.session.prepare import Prepared, prepare


def judged(order: Order, systems: Sequence[str] = ("linux",)) -> Order:
    """The order with the values of its parameters, and with all names that are to be masked on hosts.

    It must be right for one of the `systems` that hosts may have; which one a host has is asked there.

    Names in `order.mask` may be those of variables that hosts alone have; of TOE_MASK, which is about this machine, the
    parameters count. Warnings are told on stderr. Raises ToeError for what no host could run.
    """
    declared = {parameter.name for request in order.requests for parameter in load(request.path).parameters}
    masked = [name for name in split_names([os.environ.get("TOE_MASK", "")]) if name in declared]
    names = tuple(dict.fromkeys((*order.mask, *masked)))
    given = bound(order.pieces, declared, names)
    order = order._replace(parameters={**order.parameters, **given.values}, pieces=(), mask=names)
    secrets = Secrets(name for name in names if name in declared)
    prepared = _prepared(order, secrets, systems)
    for warning in (*given.warnings, *prepared.warnings):
        say_line(f"toe: warning: {prepared.loader.masked(warning)}")
    return order


def _prepared(order: Order, secrets: Secrets, systems: Sequence[str]) -> Prepared:
    """Raises the ToeError of the system for which least is wrong."""
    errors: list[ToeError] = []
    for system in systems:
        try:
            return prepare(order, secrets, elsewhere=system)
        except ToeError as error:
            errors.append(error)
    raise min(errors, key=lambda error: len(error.problems))
