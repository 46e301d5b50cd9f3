"""The statements of images: kept beside the records, and compared with them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from toe.errors import ToeError
from toe.images.provenance.envelope import opened, signed
from toe.images.provenance.statement import PAYLOAD_TYPE, Subject, payload_of, predicate_of, statement_of, subjects_of
from toe.images.records import ImageRecord
from toe.images.store import STATEMENTS, Store
from toe.records import NamedTuple


class Verified(NamedTuple):
    """What was found right of a statement. `is_signed`: it has a signature; `key`: that which was checked, or ""."""

    subjects: tuple[Subject, ...]
    is_signed: bool
    key: str


def keep_statement(store: Store, record: ImageRecord, subjects: Iterable[Subject], key: str = "") -> dict[str, Any]:
    """Write the statement of an image, as an envelope; signed when `key` names a private key. Raises ToeError."""
    payload = payload_of(statement_of(record, [*subjects_of(record), *subjects]))
    envelope = signed(payload, key) if key else _unsigned(payload)
    store.put(STATEMENTS, f"{record.build}.json", json.dumps(envelope, indent=1) + "\n")
    return envelope


def verify(store: Store, record: ImageRecord, key: str = "") -> Verified:
    """Check the statement of an image: that a public key has signed it, and that it says what the record says.

    Raises ToeError (exit code 1) with what is wrong.
    """
    envelope = read_envelope(store.get(STATEMENTS, f"{record.build}.json"))
    if envelope is None:
        hint = "toe distribute writes one, --sign KEY signs it"
        raise ToeError(f"there is no statement of {record.build}", hint=hint, exit_code=1)
    statement, subjects = checked(envelope, key)
    if statement.get("predicate") != json.loads(json.dumps(predicate_of(record))):
        raise ToeError("the statement does not say what the record of the image says", exit_code=1)
    if not any(subject.digest.endswith(record.image.removeprefix("sha256:")) for subject in subjects):
        raise ToeError(f"the statement is about another image than {record.image}", exit_code=1)
    return Verified(subjects, bool(envelope["signatures"]), key)


def checked(envelope: Mapping[str, Any], key: str = "") -> tuple[dict[str, Any], tuple[Subject, ...]]:
    """The statement in an envelope that the public key in a file has signed, and its subjects. Raises ToeError."""
    payload = opened(envelope, key) if key else _payload(envelope)
    statement = _statement(payload)
    return statement, tuple(_subjects(statement))


def _unsigned(payload: bytes) -> dict[str, Any]:
    return {"payload": base64.b64encode(payload).decode(), "payloadType": PAYLOAD_TYPE, "signatures": []}


def read_envelope(data: bytes) -> dict[str, Any] | None:
    """The envelope that was written, None for anything else."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(found, dict) and isinstance(found.get("signatures"), list)
    return found if whole and isinstance(found.get("payload"), str) else None


def _payload(envelope: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(envelope["payload"], validate=True)
    except ValueError as error:
        raise ToeError("the statement is damaged", exit_code=1) from error


def _statement(payload: bytes) -> dict[str, Any]:
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ToeError("the statement is damaged", exit_code=1)
    return found


def _subjects(statement: Mapping[str, Any]) -> Iterable[Subject]:
    subjects = statement.get("subject")
    for one in subjects if isinstance(subjects, list) else ():
        digest = one.get("digest") if isinstance(one, dict) else None
        if isinstance(digest, dict):
            yield Subject(str(one.get("name", "")), f"sha256:{digest.get('sha256', '')}")
