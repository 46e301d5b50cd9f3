"""What the command line and the config file of `toe run` together ask for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence

from toe.cli.command import split_names
from toe.cli.terminal import say_line
from toe.document.source import STANDARD_INPUT, is_remote, is_standard_input, request_path
from toe.errors import ToeError
from toe.execution_names import new_execution_id
from toe.model import ParameterValue
from toe.quick_typing import TYPE_CHECKING, Any
from toe.session.order import AUTO, MAX_REBOOTS, OF_ANY_ID, OF_ITS_ID, REBOOT_MODES, Order, Request

if TYPE_CHECKING:
    from toe.session.given import Piece
    from toe.sinks.remote_logs import RemoteLogOptions

_NAME = r"[A-Za-z0-9_-]+"
_OF_AWS = "AWS::"
_PAIR = rf"(?s)\s*(?P<name>{_NAME})(?P<blank>\s*)=(?P<value>.*)"


def order_of(values: Mapping[str, Any]) -> Order:
    """The order: the command line wins over the config file. Raises ToeError for what contradicts itself."""
    options = dict(values)
    options.pop("watch", None)
    texts = options.pop("parameters")
    _refuse_split(texts, options["paths"])
    documents = [*split_names(options.pop("documents")), *options.pop("paths")]
    pieces = split_parameters(texts)
    parameters: Mapping[str, ParameterValue] = {}
    requests = tuple(Request(request_path(word)) for word in documents)
    phases = options.pop("phases")
    config_file = options.pop("config")
    if config_file is not None:
        if documents or pieces:
            raise ToeError("--config and documents or --parameters exclude each other", hint="put them into the file")
        from toe.cli.config import read_config

        config = read_config(config_file, options["document_s3_bucket_owner"] or "")
        requests, parameters = config.requests, config.parameters
        if is_standard_input(config_file) and any(request.path == STANDARD_INPUT for request in requests):
            raise ToeError("standard input is the config file: it cannot be a document as well")
        options = {name: config.options.get(name) if value is None else value for name, value in options.items()}
        if not phases and "phases" in config.options:
            phases = (config.options["phases"],)
    selected = tuple(split_names(phases))
    if phases and not selected:
        raise ToeError("--phases names no phase", hint="leave it out to run all phases")
    only = options.pop("only")
    chosen = tuple(split_names(only))
    if only and not chosen:
        raise ToeError("--only names no step", hint="a step is PHASE.STEP")
    start_at = options.pop("start_at")
    if start_at == "":
        raise ToeError("--start-at names no step", hint="a step is PHASE.STEP")
    execution_id = options["execution_id"]
    return Order(
        requests,
        parameters,
        pieces,
        selected,
        chosen,
        start_at or "",
        options.pop("outputs_of"),
        blocked=tuple(split_names(options.pop("blocked_action_modules"))),
        mask=tuple(split_names(options.pop("mask"))),
        bucket_owner=options.pop("document_s3_bucket_owner") or "",
        execution_id=new_execution_id() if execution_id is None else execution_id,
        takes_up=OF_ANY_ID if execution_id is None else OF_ITS_ID,
        options=options,
    )


def with_options(order: Order) -> Order:
    """The order with what its options say of how it is run. Raises ToeError."""
    options = order.options
    mode, most = reboots_of(options)
    return order._replace(
        log_directory=options["log_directory"] or ".",
        remote_logs=_remote_logs(options),
        reboot=mode,
        max_reboots=most,
    )


def reboots_of(options: Mapping[str, Any]) -> tuple[str, int]:
    """How to reboot, one of REBOOT_MODES, and how often at the most. Raises ToeError."""
    mode, most = options["reboot"], options["max_reboots"]
    if mode not in (None, *REBOOT_MODES):
        raise ToeError(f"unknown way to reboot '{mode}'", hint=f"--reboot {', '.join(REBOOT_MODES)}")
    if most is not None and not most.isdecimal():
        raise ToeError(f"--max-reboots is a number, not '{most}'")
    return mode or AUTO, MAX_REBOOTS if most is None else int(most)


def _remote_logs(options: Mapping[str, Any]) -> RemoteLogOptions | None:
    if not any(value for name, value in options.items() if name.startswith(("cw_", "log_s3_"))):
        return None
    from toe.cli.remote_logs import remote_log_options

    wanted, warnings = remote_log_options(options)
    for warning in warnings:
        say_line(f"toe: warning: {warning}")
    return wanted


def _refuse_split(texts: Sequence[str], paths: Sequence[str]) -> None:
    """`--parameters A= x` gives A nothing and makes x a document: say so where there is no such document."""
    ends = [text for text in texts if text.endswith("=")]
    for path in paths if ends else ():
        if not is_remote(path) and not is_standard_input(path) and not os.path.lexists(path):
            raise ToeError(f"there is no document '{path}'", hint=f"a blank behind '=' splits it: {ends[-1]}{path}")


def template_parameters(texts: Iterable[str]) -> dict[str, str]:
    """The parameters of a template, also those that AWS has itself (`AWS::Region=eu-west-1`). Raises ToeError."""
    given: dict[str, str] = {}
    for text in texts:
        own = [part.partition("=") for part in text.split(",") if part.startswith(_OF_AWS) and "=" in part]
        given.update({name: value for name, _, value in own})
        rest = ",".join(part for part in text.split(",") if not part.startswith(_OF_AWS))
        for piece in split_parameters([rest] if rest else []):
            given[piece.name] = piece.value if isinstance(piece.value, str) else ",".join(piece.value)
    return given


def split_parameters(texts: Iterable[str]) -> tuple[Piece, ...]:
    """The pieces of `n=v,n=v`, or the parameters of JSON: `[{"name": "n", "value": "v"}]`, `{"n": "v"}`.

    Raises ToeError.
    """
    pieces: list[Piece] = []
    for text in texts:
        if text.lstrip()[:1] in ("[", "{"):
            from toe.cli.json_values import json_parameters
            from toe.session.given import Piece

            pieces += [Piece(name, value) for name, value in json_parameters(text).items()]
        else:
            pieces += _pieces(text)
    return tuple(pieces)


def _pieces(text: str) -> list[Piece]:
    from toe.session.given import Piece

    pieces: list[Piece] = []
    for part in text.split(","):
        found = re.fullmatch(_PAIR, part)
        if found:
            raw = part if pieces else ""
            pieces.append(Piece(found["name"], found["value"], raw, blank=bool(found["blank"])))
        elif pieces:
            last = pieces.pop()
            raw = last.raw and f"{last.raw},{part}"
            pieces.append(last._replace(value=f"{last.value},{part}", raw=raw))
        else:
            hint = "--parameters name=value,name=value"
            if re.fullmatch(_NAME, part):
                hint = f"--parameters {part}=value (blanks around '=' split it)"
            raise ToeError(f"'{part}' is no parameter", hint=hint)
    return pieces
