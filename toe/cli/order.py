"""What the command line and the config file of `toe run` together ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.cli.lists import split_names, split_parameters
from toe.engine.plan import ParameterValue
from toe.errors import ToeError
from toe.session.order import Order
from toe.session.prepare import Request


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
    phases = options.pop("phases")
    selected = tuple(split_names([phases])) if phases is not None else ()
    if phases is not None and not selected:
        raise ToeError("--phases names no phase", hint="leave it out to run all phases")
    blocked = tuple(split_names(options.pop("blocked_action_modules")))
    mask = tuple(split_names(options.pop("mask")))
    bucket_owner = options.pop("document_s3_bucket_owner") or ""
    return Order(requests, parameters, selected, blocked, options, mask, bucket_owner)
