"""skopeo: copies images between registries, folders and the storage of engines.

It finds credentials and certificates where podman and docker keep them (`REGISTRY_AUTH_FILE`, `docker login`).
Registries without TLS are taken on this machine itself, and where registries.conf says so.
"""

from __future__ import annotations

import re
import shutil

from toe.errors import ToeError
from toe.images.engines.commands import output_of
from toe.images.engines.docker import DOCKER
from toe.images.engines.words import tls
from toe.system.cancellation import Cancellation

_SKOPEO = "skopeo"
#: How often a connection that breaks is made anew.
RETRIES = ("--retry-times", "3")
#: What registries and certificates say -> what people can do.
_HINTS = (
    (
        re.compile(r"unauthorized|authentication required|invalid username/password|\b401\b", re.IGNORECASE),
        "the registry wants a login: 'skopeo login HOST', 'podman login HOST' or 'docker login HOST' keeps one, or "
        "REGISTRY_AUTH_FILE names the file that has it",
    ),
    (
        re.compile(r"x509: certificate signed by unknown authority|x509: .*not trusted"),
        "the certificate of its authority belongs into /etc/containers/certs.d/HOST:PORT/ca.crt, or below "
        "~/.config for one user",
    ),
    (re.compile(r"x509: "), "the registry's certificate is not for this name, or not for this time"),
    (
        re.compile(r"server gave HTTP response to HTTPS client"),
        "the registry has no TLS: registries.conf allows that with 'insecure = true'",
    ),
)


def require_skopeo() -> None:
    """Raises ToeError where it is not installed."""
    if shutil.which(_SKOPEO) is None:
        raise ToeError("'skopeo' is not installed", hint="apt-get install skopeo, or dnf install skopeo")


def skopeo(*words: str, cancellation: Cancellation) -> str:
    """What skopeo prints, to the letter. Raises ToeError with its words, and Interrupted when it is stopped."""
    require_skopeo()
    try:
        return output_of(_SKOPEO, *words, cancellation=cancellation)
    except ToeError as error:
        hint = next((hint for pattern, hint in _HINTS if pattern.search(error.message)), "")
        if not hint:
            raise
        raise ToeError(error.message, hint=hint, exit_code=error.exit_code) from error


def address(place: str, digest: str) -> str:
    """An image of a registry by the digest of its manifest."""
    return f"docker://{place}@{digest}"


def stored(engine: str, name: str) -> str:
    """An image in the storage of an engine: by its name, or by its id without the algorithm."""
    if engine != DOCKER:
        return f"containers-storage:{name}"
    return f"docker-daemon:{name if '/' in name else f'sha256:{name}'}"


def has_manifest(place: str, digest: str, cancellation: Cancellation) -> bool:
    """Whether a registry has a manifest, and so all that it names."""
    try:
        skopeo("inspect", "--raw", *tls(place), address(place, digest), cancellation=cancellation)
    except ToeError:
        return False  # that nobody answers is told by what follows
    return True
