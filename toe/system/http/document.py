"""A small document read into memory over http(s). Not for files of any size: see toe.system.http.download."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

from toe.system.http.address import parse_address
from toe.system.http.attempts import attempted
from toe.system.http.encoding import Unpacker
from toe.system.http.exchange import Answer, answer_to
from toe.system.http.terms import PATIENCE, HttpError, Patience, Terms
from toe.words import counted


def read_url(
    url: str,
    *,
    limit_bytes: int,
    environment: Mapping[str, str],
    check: Callable[[], None] = lambda: None,
    timeout_seconds: float = 120.0,
    patience: Patience = PATIENCE,
) -> bytes:
    """The bytes that an http(s) address stands for, after the attempts and redirects of WebDownload.

    `environment` names the proxies. `check` is called at least once a second and may raise to stop. Documents are
    executed, so that a redirect from https to http is an error here. Raises HttpError (a ToeError) that names the
    address without its secrets: also when it has more than `limit_bytes`, or takes more than `timeout_seconds`.
    """
    address = parse_address(url)
    deadline = time.monotonic() + timeout_seconds

    def in_time() -> None:
        check()
        if time.monotonic() >= deadline:
            raise HttpError(f"it took more than {counted(timeout_seconds, 'second')}")

    def once() -> bytes:
        with answer_to(address, {}, terms) as answer:
            if answer.status != 200:
                raise answer.refusal()
            data = bytearray()
            for block in _unpacked(answer):
                data += block
                if len(data) > limit_bytes:
                    raise HttpError(f"it is larger than {counted(limit_bytes, 'byte')}")
            return bytes(data)

    terms = Terms(environment, in_time, lambda text: None, deadline, downgrades=False, patience=patience)
    return attempted(address, terms, once)


def _unpacked(answer: Answer) -> Iterator[bytes]:
    if not answer.is_gzip:
        yield from answer.blocks()
        return
    unpacker = Unpacker()
    for block in answer.blocks():
        yield from unpacker.pieces(block)
    unpacker.finish()
