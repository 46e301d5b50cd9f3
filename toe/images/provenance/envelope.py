"""Signed statements: DSSE envelopes by securesystemslib, the library of TUF and in-toto. Needs toe[sign].

https://github.com/secure-systems-lab/dsse. Keys are PEM: Ed25519, ECDSA or RSA, as `openssl genpkey` makes them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from toe.errors import ToeError
from toe.images.provenance.statement import PAYLOAD_TYPE

INSTALL_HINT = "pip install 'toe-executor[sign]'"
#: The variable with the password of a private key, for one that has a password.
PASSWORD = "TOE_SIGNING_PASSWORD"


def require_key(key: str) -> None:
    """Raise ToeError where `signed` would: before there is something to sign."""
    signed(b"", key)


def signed(payload: bytes, key: str, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The envelope of a payload, signed with the private key in a file. Raises ToeError."""
    _require_library()
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import CryptoSigner

    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    try:
        envelope.sign(CryptoSigner(_private_key(key, environment)))
    except ValueError as error:  # a kind of key that it does not take
        raise ToeError(f"cannot sign with '{key}': {error}", hint="take an Ed25519, ECDSA or RSA key") from error
    found: dict[str, Any] = envelope.to_dict()
    return found


def opened(envelope: Mapping[str, Any], key: str) -> bytes:
    """The payload of an envelope that the public key in a file has signed. Raises ToeError (exit code 1) otherwise."""
    _require_library()
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import Error
    from securesystemslib.signer import SSlibKey

    public = _public_key(key)
    try:
        found = Envelope.from_dict({**envelope, "signatures": [dict(one) for one in envelope["signatures"]]})
        found.verify([SSlibKey.from_crypto(public)], 1)
    except (Error, KeyError, ValueError, TypeError, AttributeError) as error:
        raise ToeError(f"the key in '{key}' has not signed the statement", exit_code=1) from error
    if found.payload_type != PAYLOAD_TYPE:
        raise ToeError(f"what is signed is no statement, but '{found.payload_type}'", exit_code=1)
    return bytes(found.payload)


def _private_key(path: str, environment: Mapping[str, str]) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    password = environment.get(PASSWORD, "")
    try:
        return load_pem_private_key(_content(path), password.encode() if password else None)
    except TypeError as error:
        wants = "needs no password" if password else "needs its password"
        raise ToeError(f"the key in '{path}' {wants}", hint=f"it is taken from {PASSWORD}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        hint = "openssl genpkey -algorithm ed25519 -out key.pem"
        raise ToeError(f"'{path}' holds no private key that can be read", hint=hint) from error


def _public_key(path: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        return load_pem_public_key(_content(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        hint = "openssl pkey -in key.pem -pubout -out key.pub"
        raise ToeError(f"'{path}' holds no public key", hint=hint) from error


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(1 << 16)
    except OSError as error:
        raise ToeError(f"cannot read '{path}': {error.strerror}") from error


def _require_library() -> None:
    try:
        import cryptography  # noqa: F401
        import securesystemslib  # noqa: F401
    except ImportError as error:
        raise ToeError("signatures need toe[sign]", hint=INSTALL_HINT) from error
