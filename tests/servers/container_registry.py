"""A registry of containers on loopback: Debian's docker-registry, with a folder of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from toe.images.engines.commands import asked

PROGRAM = "docker-registry"
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_LISTENS = re.compile(r"listening on 127\.0\.0\.[12]:(\d+)")


class ContainerRegistry:
    """A registry that can be stopped, and started again with what it has at the same port.

    At another address than 127.0.0.1 the programs of containers ask for TLS: `certificate` is a file that has one with
    its key. `logins` is the text of a file of htpasswd, "" for no login.
    """

    def __init__(
        self, folder: Path, address: str = "127.0.0.1", certificate: Path | None = None, logins: str = ""
    ) -> None:
        if shutil.which(PROGRAM) is None or shutil.which("skopeo") is None:
            pytest.skip(f"needs {PROGRAM} and skopeo (apt-get install {PROGRAM} skopeo)")
        self.folder = folder
        self._address = address
        self._certificate = certificate
        self._logins = logins
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`."""
        return f"{self._address}:{self._port}"

    def start(self) -> None:
        """Serve; returns when it listens."""
        settings = self.folder / "registry.yml"
        settings.write_text(
            f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {self.folder}/content}}}}\n"
            f"http: {{addr: '{self.host}'{self._tls()}}}\n{self._auth()}"
        )
        self._process = subprocess.Popen(
            [PROGRAM, "serve", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stderr is not None
        said = []
        for line in self._process.stderr:
            said.append(line)
            if found := _LISTENS.search(line):
                self._port = int(found[1])
                break
        else:
            raise AssertionError("".join(said))
        # the rest has to be read: a pipe that is full would stop it
        with open(self.folder / "log", "ab") as log:
            self._reader = subprocess.Popen(["cat"], stdin=self._process.stderr, stdout=log)
        self._process.stderr.close()

    def _tls(self) -> str:
        return f", tls: {{certificate: {self._certificate}, key: {self._certificate}}}" if self._certificate else ""

    def _auth(self) -> str:
        if not self._logins:
            return ""
        path = self.folder / "logins"
        path.write_text(self._logins)
        return f"auth: {{htpasswd: {{realm: tests, path: {path}}}}}\n"

    def stop(self) -> None:
        """Be gone; what it has stays."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._reader.wait()
            self._process = None

    def uploads(self) -> int:
        """Ends the registry, and returns how many blobs were sent to it."""
        self.stop()
        return (self.folder / "log").read_text().count(" http.request.method=PATCH ")

    def tags(self, repository: str) -> list[str]:
        """The tags of a repository without those of statements, [] where it has none."""
        import json
        import urllib.error
        import urllib.request

        try:
            with urllib.request.urlopen(f"http://{self.host}/v2/{repository}/tags/list") as answer:
                return sorted(tag for tag in json.load(answer)["tags"] or () if not tag.endswith(".att"))
        except urllib.error.HTTPError:
            return []

    def digest(self, name: str) -> str:
        """The digest of the manifest that `repository:tag` means."""
        import urllib.request

        repository, _, tag = name.rpartition(":")
        accepted = {"Accept": ", ".join(_MANIFESTS)}
        asks = urllib.request.Request(f"http://{self.host}/v2/{repository}/manifests/{tag}", headers=accepted)
        asks.method = "HEAD"
        with urllib.request.urlopen(asks) as answer:
            return str(answer.headers["Docker-Content-Digest"])

    def files_of(self, name: str) -> dict[str, bytes]:
        """The files of an artifact that ORAS or somebody like it has pushed, by their titles; skopeo gets them."""
        import json
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            asked(
                "skopeo", "copy", "--quiet", "--src-tls-verify=false", f"docker://{self.host}/{name}", f"dir:{folder}"
            )
            layers = json.loads(Path(folder, "manifest.json").read_text())["layers"]
            return {
                layer["annotations"]["org.opencontainers.image.title"]: Path(
                    folder, layer["digest"].removeprefix("sha256:")
                ).read_bytes()
                for layer in layers
            }

    def config_of(self, name: str) -> str:
        """The digest of an image's configuration: what engines call the image."""
        import json

        told = asked("skopeo", "inspect", "--tls-verify=false", "--raw", f"docker://{self.host}/{name}")
        return str(json.loads(told)["config"]["digest"])
