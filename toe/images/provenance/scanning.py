"""Vulnerabilities of a container image, by grype or trivy, and the severity from which on they stop it.

The scanner's own report is kept as it is, beside the record of the image. Its database is the scanner's affair: both
are told by variables of theirs (`GRYPE_DB_AUTO_UPDATE`, `TRIVY_SKIP_DB_UPDATE`) to take what is there.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from tempfile import TemporaryDirectory
from typing import Any

from toe.errors import ToeError
from toe.images.distribution.model import Source
from toe.images.distribution.registry import copy_local
from toe.images.engines.commands import asked
from toe.images.side_file import SEVERITIES
from toe.images.store import SCANS, Store
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation

#: In the order in which they are taken.
SCANNERS = ("grype", "trivy")
INSTALL_HINT = "https://github.com/anchore/grype or https://github.com/aquasecurity/trivy: either is enough"
#: What scanners say that nobody has judged.
_UNKNOWN = ("UNKNOWN", "NEGLIGIBLE")
_RANKS = {name: rank for rank, name in enumerate((*_UNKNOWN, *SEVERITIES))}


class Finding(NamedTuple):
    """A vulnerability of a package. `severity`: one of SEVERITIES, UNKNOWN, NEGLIGIBLE. `fixed`: in which versions."""

    id: str
    package: str
    version: str
    severity: str
    fixed: str

    @property
    def described(self) -> str:
        """Such as `CRITICAL CVE-2026-1 in openssl 3.0.1, fixed in 3.0.2`."""
        end = f", fixed in {self.fixed}" if self.fixed else ", without a fix"
        return f"{self.severity} {self.id} in {self.package} {self.version}{end}"


class Scan(NamedTuple):
    """What a scanner has found, the worst first. `report` is the path of its own report."""

    scanner: str
    findings: tuple[Finding, ...]
    report: str

    def from_on(self, severity: str) -> tuple[Finding, ...]:
        """The findings of a severity or a higher one."""
        return tuple(one for one in self.findings if _RANKS[one.severity] >= _RANKS[severity])

    @property
    def counts(self) -> Mapping[str, int]:
        """How many findings there are of each severity that has one, the highest first."""
        found = [one.severity for one in self.findings]
        return {name: found.count(name) for name in reversed(_RANKS) if name in found}


def scanner() -> str:
    """The scanner that is installed here, "" without one."""
    return next((name for name in SCANNERS if shutil.which(name)), "")


def scan(source: Source, store: Store, cancellation: Cancellation) -> Scan:
    """Scan a container image and keep the report. Raises ToeError, also without a scanner, and Interrupted."""
    name = scanner()
    if not name:
        raise ToeError("neither 'grype' nor 'trivy' is installed", hint=INSTALL_HINT)
    if not source.image:
        raise ToeError("scanners look into images of containers, not into disks")
    with TemporaryDirectory(prefix="toe-scan-") as folder:
        image = os.path.join(folder, "image")
        copy_local(source, f"oci:{image}:image", cancellation)
        ask, findings = _ASKED_AND_READ[name]
        text = ask(image, cancellation)
    try:
        found = sorted(set(findings(json.loads(text))), key=lambda one: (-_RANKS[one.severity], one))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ToeError(f"the report of {name} cannot be read: {error!r}", exit_code=1) from error
    store.put(SCANS, f"{source.build}.json", text.rstrip() + "\n")
    return Scan(name, tuple(found), os.path.join(store.folder, SCANS, f"{source.build}.json"))


def _grype(image: str, cancellation: Cancellation) -> str:
    environment = {**os.environ, "GRYPE_CHECK_FOR_APP_UPDATE": "false"}
    words = ("grype", f"oci-dir:{image}", "--output", "json", "--quiet")
    return asked(*words, environment=environment, cancellation=cancellation)


def _trivy(image: str, cancellation: Cancellation) -> str:
    words = ("trivy", "image", "--input", image, "--scanners", "vuln", "--format", "json", "--quiet")
    return asked(*words, cancellation=cancellation)


def _found_by_grype(report: Mapping[str, Any]) -> Iterator[Finding]:
    for match in report["matches"]:
        flaw, artifact = match["vulnerability"], match["artifact"]
        fixed = ", ".join((flaw.get("fix") or {}).get("versions") or ())
        yield Finding(flaw["id"], artifact["name"], artifact["version"], _severity(flaw.get("severity")), fixed)


def _found_by_trivy(report: Mapping[str, Any]) -> Iterator[Finding]:
    for result in report.get("Results") or ():
        for flaw in result.get("Vulnerabilities") or ():
            severity, fixed = _severity(flaw.get("Severity")), flaw.get("FixedVersion") or ""
            yield Finding(flaw["VulnerabilityID"], flaw["PkgName"], flaw["InstalledVersion"], severity, fixed)


def _severity(word: object) -> str:
    name = str(word or "").upper()
    return name if name in _RANKS else _UNKNOWN[0]


_ASKED_AND_READ = {"grype": (_grype, _found_by_grype), "trivy": (_trivy, _found_by_trivy)}


def judged(
    source: Source, store: Store, severity: str, say: Callable[[str], None], cancellation: Cancellation
) -> tuple[str, dict[str, Any]]:
    """Scan an image: why it may not go on, "" where it may, and what was found, as data for JSON.

    `severity` is that from which on a finding stops it, "" for none: then an image that nobody can scan goes on, and
    that is said. Raises ToeError, and Interrupted.
    """
    if not severity and (not scanner() or not source.image):
        why = "neither grype nor trivy is installed" if source.image else "scanners do not look into disks"
        say(f"info     the image is not scanned: {why}" + (f" ({INSTALL_HINT})" if source.image else ""))
        return "", {}
    found = scan(source, store, cancellation)
    counts = ", ".join(f"{number} {name}" for name, number in found.counts.items()) or "nothing"
    say(f"scanned  by {found.scanner}: {counts}")
    grave = found.from_on(severity) if severity else ()
    for one in grave:
        say(f"found    {one.described}")
    told = {"scanner": found.scanner, "report": found.report, "counts": dict(found.counts)}
    why = ""
    if grave:
        number = "1 vulnerability" if len(grave) == 1 else f"{len(grave)} vulnerabilities"
        why = f"{found.scanner} has found {number} of severity {severity} or higher: {found.report}"
    return why, {**told, "grave": [one._asdict() for one in grave]}
