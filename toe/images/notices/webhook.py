"""Notices to web servers, signed as https://www.standardwebhooks.com asks for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping

from toe.errors import ToeError
from toe.images.side_file import Notice
from toe.system.cancellation import Cancellation

#: In front of secrets that are base64.
_ENCODED = "whsec_"
#: A server that does not answer must not hold up a pipeline.
_DEADLINE_SECONDS = 60.0
_ATTEMPTS = 3


def post(
    notice: Notice, identity: str, body: bytes, environment: Mapping[str, str], cancellation: Cancellation
) -> None:
    """Send a body to the server of a notice; `identity` is the same in all attempts. Raises ToeError."""
    from toe.system.http.address import parse_address
    from toe.system.http.attempts import attempted
    from toe.system.http.exchange import answer_to_post
    from toe.system.http.terms import Patience, Terms

    place = parse_address(notice.words[0])
    secret = secret_of(notice, environment)
    deadline = time.monotonic() + _DEADLINE_SECONDS
    patience = Patience(attempts=_ATTEMPTS)
    terms = Terms(environment, cancellation.check, lambda text: None, deadline, patience=patience)

    def ask() -> None:
        headers = {"Content-Type": "application/json", **signature(secret, identity, int(time.time()), body)}
        with answer_to_post(place, headers, body, terms) as answer:
            if not 200 <= answer.status < 300:
                raise answer.refusal()

    attempted(place, terms, ask, doing="tell")


def signature(secret: bytes, identity: str, now: int, body: bytes) -> dict[str, str]:
    """The three headers that say which notice it is, when it was sent, and that who knows the secret has sent it."""
    digest = hmac.new(secret, f"{identity}.{now}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def secret_of(notice: Notice, environment: Mapping[str, str]) -> bytes:
    """The secret, from its file or its variable. Raises ToeError where there is none."""
    if notice.secret_file:
        try:
            with open(notice.secret_file, encoding="utf-8") as file:
                text = file.read(4096).strip()
        except (OSError, ValueError) as error:
            raise ToeError(f"cannot read the secret in '{notice.secret_file}': {error}", exit_code=1) from error
        where = f"the file '{notice.secret_file}'"
    else:
        text, where = environment.get(notice.secret_variable, ""), f"the variable '{notice.secret_variable}'"
    if not text:
        raise ToeError(f"there is no secret in {where}", exit_code=1)
    if not text.startswith(_ENCODED):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(_ENCODED), validate=True)
    except ValueError as error:
        raise ToeError(f"the secret in {where} is not base64", exit_code=1) from error
