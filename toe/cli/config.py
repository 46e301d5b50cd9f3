"""The JSON file of `--config`: what may stand in it and what it says (reference, section 7)."""

from __future__ import annotations

import json
from codecs import BOM_UTF16_LE
from collections.abc import Collection, Mapping
from typing import Any

from toe.check.reading import DocumentReader
from toe.cli.json_values import Number, load_json, named_values
from toe.document.source import is_remote, request_path
from toe.document.text import decode
from toe.errors import DocumentError, ToeError
from toe.model import ParameterValue
from toe.records import NamedTuple
from toe.session.order import Request

#: key -> the option that overrides it.
OPTION_OF_KEY: Mapping[str, str] = {
    "phases": "phases",
    "executionId": "execution_id",
    "executonId": "execution_id",
    "logDirectory": "log_directory",
    "stateDirectory": "state_directory",
    "logS3BucketName": "log_s3_bucket_name",
    "logS3BucketOwner": "log_s3_bucket_owner",
    "logS3KeyPrefix": "log_s3_key_prefix",
    "cwLogGroup": "cw_log_group",
    "cwLogStream": "cw_log_stream",
    "cwLogRegion": "cw_log_region",
    "cwIgnoreFailures": "cw_ignore_failures",
    "documentS3BucketOwner": "document_s3_bucket_owner",
    "trace": "trace",
}
FLAGS = ("cwIgnoreFailures", "trace")
KEYS = ("documents", "parameters", *OPTION_OF_KEY)


class Config(NamedTuple):
    """What a config file says: the documents, parameters for all of them, and options by their names."""

    requests: tuple[Request, ...]
    parameters: Mapping[str, ParameterValue]
    options: Mapping[str, Any]


def read_config(path: str, bucket_owner: str = "") -> Config:
    """Read a config file: a path, `-` for standard input, `s3://bucket/key`.

    `bucket_owner` is the account that must own the bucket, "" for any. Raises ToeError with the place of what is wrong.
    """
    data = _read(path, bucket_owner)
    if not isinstance(data, dict):
        raise ToeError(f"{path}: a config file is a JSON object")
    for key in data:
        if key not in KEYS:
            raise _unknown_key(path, key, data)
    data = _without_nulls(data)
    if "documents" not in data:
        raise ToeError(f"{path}: 'documents' is missing", hint='"documents": [{"path": "component.yml"}]')
    options: dict[str, Any] = {}
    for key, name in OPTION_OF_KEY.items():
        if key in data:
            options[name] = _option(path, key, data[key])
    return Config(_requests(path, data["documents"]), named_values(data.get("parameters", []), path), options)


def _read(path: str, bucket_owner: str) -> Any:
    if is_remote(path) and not path.startswith("s3://"):
        raise ToeError(f"{path}: this is no config file", hint="a config file is a path, s3://bucket/key or -")
    try:
        data = DocumentReader(bucket_owner).read(request_path(path))
    except DocumentError as error:
        raise ToeError(error.message.replace("read the document", "read the config file")) from error
    if data[1:2] == b"\0" and not data.startswith(BOM_UTF16_LE):
        data = BOM_UTF16_LE + data  # JSON begins with an ASCII character: this is UTF-16 without a mark
    text, fault = decode(data)
    if fault is not None:
        raise ToeError(f"{path}:{fault.line}:{fault.column}: {fault.message}")
    return load_json(text, path)


def _unknown_key(path: str, key: str, given: Collection[str]) -> ToeError:
    from toe.document.suggest import suggest

    guess = suggest(key, [name for name in KEYS if name not in given])
    return ToeError(
        f"{path}: unknown key '{key}'", hint=f"did you mean '{guess}'?" if guess else f"keys: {', '.join(KEYS)}"
    )


def _without_nulls(data: Mapping[str, Any]) -> dict[str, Any]:
    """`null` is the key left out, as in documents."""
    return {key: value for key, value in data.items() if value is not None}


def _option(path: str, key: str, value: Any) -> Any:
    if key in FLAGS:
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if not isinstance(value, bool):
            raise ToeError(f"{path}: '{key}' is true or false, not {json.dumps(value)}")
        return value
    if key == "phases" and isinstance(value, list) and all(isinstance(name, str) for name in value):
        return ",".join(value)
    if not isinstance(value, str) or isinstance(value, Number):
        shown = value if isinstance(value, Number) else json.dumps(value)
        raise ToeError(f"{path}: '{key}' is a text, not {shown}")
    return value


def _requests(path: str, documents: Any) -> tuple[Request, ...]:
    form = 'documents are a list: [{"path": "component.yml", "parameters": [{"name": "N", "value": "v"}]}]'
    if not isinstance(documents, list):
        raise ToeError(f"{path}: 'documents' is no list", hint=form)
    requests: list[Request] = []
    for document in documents:
        if not isinstance(document, dict) or not isinstance(document.get("path"), str):
            raise ToeError(f"{path}: a document without a 'path'", hint=form)
        unknown = [key for key in document if key not in ("path", "parameters")]
        if unknown:
            raise ToeError(f"{path}: unknown key '{unknown[0]}' of the document '{document['path']}'", hint=form)
        values = named_values(_without_nulls(document).get("parameters", []), path)
        requests.append(Request(request_path(document["path"]), values))
    return tuple(requests)
