"""What the command line and the config file of `toe run` together ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toe.cli.lists import split_names, split_parameters
from toe.document.source import is_remote
from toe.engine.plan import ParameterValue
from toe.errors import ToeError
from toe.session.order import Order
from toe.session.prepare import Request

NEEDS_AWS = (
    "log_s3_bucket_name",
    "log_s3_bucket_owner",
    "log_s3_key_prefix",
    "cw_log_group",
    "cw_log_stream",
    "cw_log_region",
    "cw_ignore_failures",
    "document_s3_bucket_owner",
)


def order_of(values: Mapping[str, Any]) -> Order:
    """The order: the command line wins over the config file. Raises ToeError for what contradicts itself."""
    options = dict(values)
    documents = [*split_names(options.pop("documents")), *options.pop("paths")]
    parameters: Mapping[str, ParameterValue] = split_parameters(options.pop("parameters"))
    requests = tuple(Request(path) for path in documents)
    config_file = options.pop("config")
    if config_file is not None:
        if documents or parameters:
            raise ToeError("--config and documents or --parameters exclude each other", hint="put them into the file")
        from toe.cli.config import read_config

        config = read_config(config_file)
        requests, parameters = config.requests, config.parameters
        options = {name: config.options.get(name) if value is None else value for name, value in options.items()}
    _refuse_remote(requests, options)
    _check_execution_id(options["execution_id"])
    phases = options.pop("phases")
    selected = tuple(split_names([phases])) if phases is not None else ()
    if phases is not None and not selected:
        raise ToeError("--phases names no phase", hint="leave it out to run all phases")
    blocked = tuple(split_names(options.pop("blocked_action_modules")))
    return Order(requests, parameters, selected, blocked, options)


def _refuse_remote(requests: Sequence[Request], options: Mapping[str, Any]) -> None:
    for name in NEEDS_AWS:
        if options[name]:
            option = name.replace("_", "-")
            raise ToeError(f"--{option} needs toe[aws]", hint="this version writes its logs to local folders only")
    for request in requests:
        if is_remote(request.path):
            raise ToeError(f"'{request.path}' needs toe[aws]", hint="this version runs local documents only")


def _check_execution_id(execution_id: str | None) -> None:
    """The id becomes part of a folder's name."""
    import re

    if execution_id is not None and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", execution_id):
        raise ToeError(
            f"'{execution_id}' is no execution id", hint="letters, digits, '-', '_' and '.', 128 at most, no '/'"
        )
