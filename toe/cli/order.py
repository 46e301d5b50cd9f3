"""What the command line and the config file of `toe run` together ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toe.cli.lists import split_names, split_parameters
from toe.document.source import STANDARD_INPUT, is_remote, is_standard_input, request_path
from toe.errors import ToeError
from toe.model import ParameterValue
from toe.session.order import Order
from toe.session.prepare import Request


def order_of(values: Mapping[str, Any]) -> Order:
    """The order: the command line wins over the config file. Raises ToeError for what contradicts itself."""
    options = dict(values)
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
    blocked = tuple(split_names(options.pop("blocked_action_modules")))
    mask = tuple(split_names(options.pop("mask")))
    bucket_owner = options.pop("document_s3_bucket_owner") or ""
    return Order(requests, parameters, selected, blocked, options, mask, bucket_owner, pieces)


def _refuse_split(texts: Sequence[str], paths: Sequence[str]) -> None:
    """`--parameters A= x` gives A nothing and makes x a document: say so where there is no such document."""
    from os.path import lexists

    ends = [text for text in texts if text.endswith("=")]
    for path in paths if ends else ():
        if not is_remote(path) and not is_standard_input(path) and not lexists(path):
            raise ToeError(f"there is no document '{path}'", hint=f"a blank behind '=' splits it: {ends[-1]}{path}")
