"""What a host is sent for one run: the documents with their nested ones, and what is asked for, as a tar.

Documents lie on the host as they lie here, below the run's own folder and seen from the same working directory: so
their relative paths mean the same.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from toe.api import load
from toe.check.nested import ACTION
from toe.check.outline import places_of
from toe.document.source import find_nested, is_remote, is_stream, read_document, request_path
from toe.errors import ToeError
from toe.execution_names import new_execution_id, safe_name
from toe.expressions.resolve import holds_expression
from toe.fleet.windows_names import refuse_for_windows
from toe.model import ParameterValue
from toe.records import NamedTuple


class Asked(NamedTuple):
    """What is to be run on a host. `execution_id` "" has the run make one.

    `own` has parameters of single documents. `blocked` names actions that may not be used, `mask` parameters and
    variables whose values are secrets. `max_reboots` "" is the usual number. `options` are further words of the command
    line of `toe run`, such as `--only=build.Install`.
    """

    documents: tuple[str, ...]
    parameters: Mapping[str, ParameterValue]
    phases: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    execution_id: str = ""
    max_reboots: str = ""
    own: Mapping[str, Mapping[str, ParameterValue]] = MappingProxyType({})
    options: tuple[str, ...] = ()


class Parcel(NamedTuple):
    """`data` is a compressed tar; `key` names the run on the host; `order` tells one order from another.

    Without an execution id the order is the key: the same order finds its run again, also where its id got lost with
    the connection.
    """

    data: bytes
    key: str
    order: str
    execution_id: str

    def with_executable(self, path: str) -> bytes:
        """The executable and the order, for a host that lacks both: a tar that is not packed, as its parts are."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            archive.add(path, "executable", filter=_of_nobody)
            order = tarfile.TarInfo("order")
            order.size, order.mode = len(self.data), 0o600
            archive.addfile(order, io.BytesIO(self.data))
        return buffer.getvalue()


def _of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, "", ""
    return entry


def parcel(asked: Asked, *, for_windows: bool = False) -> Parcel:
    """Everything that a host needs but the executable.

    Raises ToeError for documents that cannot be read, or cannot be brought to the host's system.
    """
    directory = os.getcwd()
    files = _local_files(asked.documents)
    if for_windows:
        refuse_for_windows([*files, directory])
    brought = {path.lstrip("/"): data for path, data in files.items()}
    config = json.dumps(_config(asked, directory))
    options = _options(asked)
    digests = [f"{path} {hashlib.sha256(data).hexdigest()}" for path, data in sorted(brought.items())]
    order = hashlib.sha256("\n".join([directory, config, *options, *digests]).encode()).hexdigest()
    execution_id = asked.execution_id or new_execution_id()
    texts = {
        "config.json": config,
        "options": "".join(f"{word}\n" for word in options),
        "order": order,
        "id": execution_id,
        "work": directory.lstrip("/"),
        "brought": "".join(f"{path}\n" for path in brought),
    }
    members = {**{name: text.encode() for name, text in texts.items()}}
    members |= {f"files/{path}": data for path, data in brought.items()}
    data = _archive(members, f"files/{directory.lstrip('/')}")
    key = safe_name(asked.execution_id) if asked.execution_id else f"order-{order[:32]}"
    return Parcel(data, key, order, execution_id)


def _config(asked: Asked, directory: str) -> dict[str, Any]:
    """The file of `toe run --config`."""
    documents: list[dict[str, Any]] = []
    for path in asked.documents:
        documents.append({"path": path if is_remote(path) else os.path.relpath(path, directory)})
        if path in asked.own:
            documents[-1]["parameters"] = _named(asked.own[path])
    config: dict[str, Any] = {"documents": documents, "parameters": _named(asked.parameters)}
    if asked.phases:
        config["phases"] = list(asked.phases)
    return config


def _named(parameters: Mapping[str, ParameterValue]) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in sorted(parameters.items())]


def _options(asked: Asked) -> list[str]:
    """Words of a command line: names alone, which processes of the host may see."""
    pairs = (
        ("--mask", ",".join(asked.mask)),
        ("--blocked-action-modules", ",".join(asked.blocked)),
        ("--max-reboots", asked.max_reboots),
    )
    words = [f"{option}={value}" for option, value in pairs if value]
    if any("\n" in word for word in (*words, *asked.options)):
        raise ToeError("an option for hosts has a line end in it")
    return [*words, *asked.options]


def _local_files(documents: Sequence[str]) -> dict[str, bytes]:
    """The files of the documents and of what they run, by their absolute paths."""
    files: dict[str, bytes] = {}
    waiting = [path for path in documents if not is_remote(path)]
    for path in waiting:
        if is_stream(request_path(path)):
            raise ToeError(f"'{path}' cannot be sent to hosts", hint="name a file")
    while waiting:
        path = waiting.pop()
        absolute = os.path.abspath(path)
        if absolute in files:
            continue
        if "\n" in absolute:
            raise ToeError(f"{absolute!r} has a line end in its name")
        files[absolute] = read_document(path)
        waiting += _nested(path)
    return files


def _nested(path: str) -> Iterator[str]:
    """The files that a document runs. A path that is absolute or made at run time is the host's own."""
    for place in places_of(load(path)):
        for entry in place.step.inputs if place.step.action == ACTION else ():
            nested = entry.get("document")
            if not isinstance(nested, str) or not nested or holds_expression(nested):
                continue
            if is_remote(nested) or os.path.isabs(nested):
                continue
            found = find_nested(nested, path)
            if os.path.isfile(found):
                yield found


def _archive(members: Mapping[str, bytes], folder: str) -> bytes:
    """A tar that its user alone can read, once unpacked."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=6) as archive:
        for name in sorted({*_parents([*members, f"{folder}/x"])}):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o700
            archive.addfile(entry)
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o600
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _parents(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        while name := os.path.dirname(name):
            yield name
