"""Statements beside images in registries: under the tag that cosign gives attestations, and as OCI's referrers.

https://github.com/sigstore/cosign/blob/main/specs/ATTESTATION_SPEC.md: `sha256-DIGITS.att` in the image's repository.
Its manifest names the image's as its subject, so that registries with OCI 1.1's API of referrers list it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from toe.errors import ToeError
from toe.images.distribution.artifacts import MANIFEST_TYPE, Layer, manifest_of, push_artifact
from toe.images.distribution.model import ORAS, REGISTRY
from toe.images.distribution.sending import Distributed
from toe.images.engines.words import tls
from toe.images.provenance.keeping import Verified, checked, keep_statement, read_envelope
from toe.images.provenance.statement import PREDICATE_TYPE, Subject
from toe.images.records import ImageRecord
from toe.images.side_file import ARTIFACTS
from toe.images.skopeo import address, skopeo
from toe.images.store import Store
from toe.system.cancellation import Cancellation

#: How people name an image of a registry to `verify`.
SCHEMES = (ARTIFACTS, "docker://")
_DSSE = "application/vnd.dsse.envelope.v1+json"
_HINT = "toe distribute pushes one beside the image, --sign KEY signs it"


def publish_statement(
    store: Store, record: ImageRecord, result: Distributed, cancellation: Cancellation, key: str = ""
) -> list[str]:
    """Write the statement of an image that was distributed, signed with a key, and push it beside the image.

    Returns which registries do not have it, and why. Raises ToeError where it cannot be signed, and Interrupted.
    """
    placed = [one for one in result.outcomes if one.target.kind in (REGISTRY, ORAS) and "@" in one.address]
    subjects = [Subject(*one.address.split("@", 1)) for one in placed]
    envelope = keep_statement(store, record, subjects, key)
    failures = []
    for subject in subjects:
        try:
            _push(subject, envelope, cancellation)
        except ToeError as error:
            failures.append(f"the statement at {subject.name}: {error.in_one_line}")
    return failures


def verify_in_registry(word: str, cancellation: Cancellation, key: str = "") -> tuple[Subject, Verified]:
    """The image of a registry, `oci://host/path:tag` or `...@sha256:...`, and what its statement there says.

    Raises ToeError (exit code 1): without a statement, for one that is about another image, and where a public key is
    asked for that has not signed it.
    """
    named = next((word.removeprefix(scheme) for scheme in SCHEMES if word.startswith(scheme)), word)
    place, at, digest = named.partition("@")
    if not at:
        digest = f"sha256:{hashlib.sha256(_manifest(named, cancellation).encode()).hexdigest()}"
        head, colon, tag = named.rpartition(":")
        place = head if colon and "/" not in tag else named
    envelope = _pulled(place, digest, cancellation)
    _, subjects = checked(envelope, key)
    if digest not in [subject.digest for subject in subjects]:
        raise ToeError(f"the statement is about another image than {digest}", exit_code=1)
    return Subject(place, digest), Verified(subjects, bool(envelope["signatures"]), key)


def _tag(digest: str) -> str:
    return f"{digest.replace(':', '-')}.att"


def _push(subject: Subject, envelope: Mapping[str, Any], cancellation: Cancellation) -> None:
    data = json.dumps(envelope, sort_keys=True).encode()
    with TemporaryDirectory(prefix="toe-statement-") as folder:
        path = os.path.join(folder, "statement")
        Path(path).write_bytes(data)
        kind = {"predicateType": PREDICATE_TYPE, "dev.cosignproject.cosign/signature": ""}
        layer = Layer(path, hashlib.sha256(data).hexdigest(), len(data), _DSSE, kind)
        about = _manifest(f"{subject.name}@{subject.digest}", cancellation)
        described = {
            "mediaType": json.loads(about).get("mediaType", MANIFEST_TYPE),
            "digest": subject.digest,
            "size": len(about.encode()),
        }
        manifest = manifest_of(_DSSE, [layer], {"predicateType": PREDICATE_TYPE}, described)
        target = f"{subject.name}:{_tag(subject.digest)}"
        push_artifact(manifest, [layer], target, os.path.join(folder, "artifact"), cancellation)


def _pulled(place: str, digest: str, cancellation: Cancellation) -> dict[str, Any]:
    """The envelope beside an image; skopeo verifies that it is what the manifest says. Raises ToeError."""
    with TemporaryDirectory(prefix="toe-statement-") as folder:
        at = f"docker://{place}:{_tag(digest)}"
        try:
            skopeo("copy", "--quiet", *tls(place, "src-"), at, f"dir:{folder}", cancellation=cancellation)
        except ToeError as error:
            if "manifest unknown" not in error.message:
                raise ToeError(error.message, hint=error.hint, exit_code=1) from error
            raise ToeError(f"there is no statement beside {place}@{digest}", hint=_HINT, exit_code=1) from error
        found = json.loads(Path(folder, "manifest.json").read_bytes())
        for layer in found.get("layers", ()):
            if layer.get("mediaType") == _DSSE:
                envelope = read_envelope(Path(folder, layer["digest"].partition(":")[2]).read_bytes())
                if envelope is not None:
                    return envelope
    raise ToeError(f"what lies beside {place}@{digest} is no statement", exit_code=1)


def _manifest(named: str, cancellation: Cancellation) -> str:
    place, at, digest = named.partition("@")
    what = address(place, digest) if at else f"docker://{named}"
    return skopeo("inspect", "--raw", *tls(named), what, cancellation=cancellation)
