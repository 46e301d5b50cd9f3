"""What a run is: its documents, parameters, phases. A state belongs to one of them, and is refused to any other."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from toe.engine.plan import PlannedDocument
from toe.model import ParameterValue
from toe.quick_typing import Any
from toe.version import __version__

Identity = dict[str, Any]


def identity_of(planned: Sequence[PlannedDocument], phases: Sequence[str], secret: Iterable[str] = ()) -> Identity:
    """The identity of a run, as plain data. Of the parameters named in `secret` only a checksum is in it."""
    hidden = frozenset(secret)
    left_out = [[".".join(name) for name in one.left_out] for one in planned]
    return {
        "program": __version__,
        "documents": [{"path": one.document.path, "sha256": sha256_of(one.document.source)} for one in planned],
        "phases": list(phases),
        "parameters": [_parameters(one, hidden) for one in planned],
        **({"left_out": left_out} if any(left_out) else {}),
    }


def _parameters(planned: PlannedDocument, hidden: frozenset[str]) -> dict[str, Any]:
    names = [parameter.name for parameter in planned.document.parameters]
    return {name: _kept(planned.values[name], name in hidden) for name in names}


def _kept(value: ParameterValue, is_hidden: bool) -> Any:
    if not is_hidden:
        return value if isinstance(value, str) else list(value)
    text = value if isinstance(value, str) else "\0".join(value)
    return {"sha256": sha256_of(text.encode("utf-8", "surrogatepass"))}


def sha256_of(data: bytes) -> str:
    """A checksum in hexadecimal."""
    # Python's own private implementation where there is one: `hashlib` loads OpenSSL, which costs 4 ms of a start.
    try:
        if sys.version_info >= (3, 12):
            from _sha2 import sha256
        else:
            from _sha256 import sha256
    except ImportError:
        from hashlib import sha256
    digest: str = sha256(data).hexdigest()
    return digest


def nested_identity(planned: PlannedDocument, bucket_owner: str = "") -> Identity:
    """What the document of an ExecuteDocument step is, as plain data: where it was found, and what of it runs."""
    document = planned.document
    phases = [phase.name for phase in planned.phases]
    return {"path": document.path, "sha256": sha256_of(document.source), "phases": phases, "owner": bucket_owner}


def nested_execution_id(execution_id: str, key: tuple[int, ...]) -> str:
    """A UUID of its own for a nested run, the same one after a reboot."""
    digest = bytearray.fromhex(sha256_of(repr((execution_id, key)).encode("utf-8", "surrogateescape")))[:16]
    digest[6] = digest[6] & 0x0F | 0x80  # version 8: made in a way of our own
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def nested_difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """How the document that a step runs differs from the one that it ran before, in words; "" when it does not."""
    if old["path"] != new["path"]:
        return f"a step runs the document '{new['path']}', and before it was '{old['path']}'"
    if old["phases"] != new["phases"]:
        return f"the phases of '{old['path']}' were {_listed(old['phases'])}, and are {_listed(new['phases'])}"
    return content_difference(old, new["sha256"])


def content_difference(old: Mapping[str, Any], sha256: str) -> str:
    """How a document with this checksum differs from the one that was kept, in words; "" when it does not."""
    if old["sha256"] == sha256:
        return ""
    return f"the document '{old['path']}' was changed (SHA-256 {old['sha256'][:12]}…, now {sha256[:12]}…)"


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """How the run at hand differs from the one that a state was made for, in words; "" when it does not."""
    return next(_differences(old, new), "")


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old["program"] != new["program"]:
        yield f"it was made by toe {old['program']}, and this is {new['program']}"
    paths = [[one["path"] for one in side["documents"]] for side in (old, new)]
    if paths[0] != paths[1]:
        yield f"its documents are {_listed(paths[0])}, not {_listed(paths[1])}"
        return
    for before, after in zip(old["documents"], new["documents"], strict=True):
        if changed := content_difference(before, after["sha256"]):
            yield changed
    if old["phases"] != new["phases"]:
        yield f"its phases are {_listed(old['phases']) or 'all'}, not {_listed(new['phases']) or 'all'}"
    if old.get("left_out") != new.get("left_out"):
        yield "other steps of it are left out"
    for position, (before, after) in enumerate(zip(old["parameters"], new["parameters"], strict=True)):
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                yield f"the parameter '{name}' of '{new['documents'][position]['path']}' has another value"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
