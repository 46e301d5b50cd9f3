"""What a run was asked for, as it is kept in the state so that the run can be resumed with nothing but its id."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toe.document.source import is_stream
from toe.errors import ToeError
from toe.model import ParameterValue
from toe.records import NamedTuple
from toe.session.prepare import Prepared, Request

if TYPE_CHECKING:
    from toe.session.given import Piece

#: The key of the documents' copies, which hold no secret and are not looked through for any: they are in base64.
COPIES = "copies"


class Order(NamedTuple):
    """The documents, their parameters, the phases. `options` are those of the command line, by their keys.

    `mask` names the parameters and environment variables whose values are secrets. `bucket_owner` is the account that
    must own the buckets of documents, "" for any. `pieces` are parameters of which it
    is not known yet where their values end. `resumed`: it is one of a run that goes on. `copies` are the documents in
    files, nested ones too as far as they are known before the run: a reboot may empty the folder where they lie.
    """

    requests: tuple[Request, ...]
    parameters: Mapping[str, ParameterValue]
    phases: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    options: Mapping[str, Any] = {}
    mask: tuple[str, ...] = ()
    bucket_owner: str = ""
    pieces: tuple[Piece, ...] = ()
    resumed: bool = False
    copies: Mapping[str, bytes] = {}

    def after(self, prepared: Prepared) -> Order:
        """The order with all that was read of it: the values of its parameters, its documents.

        Of a document that holds a secret no copy is kept.
        """
        mask = prepared.secrets.mask_bytes
        requests = zip(self.requests, prepared.documents, strict=True)
        return self._replace(
            requests=tuple(
                request._replace(stream=document.source) if is_stream(request.path) else request
                for request, document in requests
            ),
            parameters=prepared.parameters,
            pieces=(),
            copies={
                path: data for path, data in prepared.reader.files.items() if not prepared.secrets or mask(data) == data
            },
        )

    def to_plain(self, secret: Collection[str] = ()) -> dict[str, Any]:
        """As data that JSON can hold, without the values of the parameters named in `secret`."""
        return {
            "requests": [[request.path, _without(request.parameters, secret)] for request in self.requests],
            "streams": {request.path: _base64(request.stream) for request in self.requests if request.stream},
            "parameters": _without(self.parameters, secret),
            "missing": sorted({name for names in self._parameter_names() for name in names if name in secret}),
            "phases": self.phases,
            "blocked": self.blocked,
            "options": dict(self.options),
            "mask": sorted({*self.mask, *secret}),
            "bucket_owner": self.bucket_owner,
            COPIES: {path: _base64(data) for path, data in self.copies.items()},
        }

    def _parameter_names(self) -> list[Mapping[str, ParameterValue]]:
        return [self.parameters, *(request.parameters for request in self.requests)]


def order_from_plain(data: Mapping[str, Any], pieces: Sequence[Piece]) -> Order:
    """The order in a state, with the values that were not kept in it. Raises ToeError when one is missing."""
    from toe.engine.state.reading import understood

    with understood():
        return _order(data, pieces)


def _order(data: Mapping[str, Any], pieces: Sequence[Piece]) -> Order:
    from toe.session.given import bound

    secret_values = bound(pieces, [*data["missing"], *data["parameters"]]).values
    streams = {path: a2b_base64(text) for path, text in data.get("streams", {}).items()}
    for name in data["missing"]:
        if name not in secret_values:
            raise ToeError(
                f"the parameter '{name}' is masked, and its value is not kept in the state",
                hint=f"give it again: --parameters {name}=...",
            )
    return Order(
        requests=tuple(
            Request(_text(path), _values(parameters), streams.get(path, b"")) for path, parameters in data["requests"]
        ),
        parameters={**_values(data["parameters"]), **secret_values},
        phases=_texts(data["phases"]),
        blocked=_texts(data["blocked"]),
        options=data["options"],
        mask=_texts(data["mask"]),
        bucket_owner=data["bucket_owner"],
        resumed=True,
        copies={path: a2b_base64(text) for path, text in data[COPIES].items()},
    )


def _without(parameters: Mapping[str, ParameterValue], secret: Collection[str]) -> dict[str, ParameterValue]:
    return {name: value for name, value in parameters.items() if name not in secret}


def _texts(items: Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(_text, items))


def _text(item: Any) -> str:
    if not isinstance(item, str):
        raise TypeError(f"{item!r} is no text")
    return item


def _values(parameters: Mapping[str, Any]) -> dict[str, ParameterValue]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in parameters.items()}


def _base64(data: bytes) -> str:
    """As the module `base64` does it, which takes longer to load than a small run has time for."""
    return b2a_base64(data, newline=False).decode()
