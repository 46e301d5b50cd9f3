"""What the tests of toe.system.http fetch with: a caller who is in a hurry and writes down what it is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from toe.system.files.checksums import Checksum
from toe.system.http.address import parse_address
from toe.system.http.download import download
from toe.system.http.terms import Patience, Terms

QUICK = Patience(first_delay=0.01, longest_delay=0.05, connecting=0.5, silence=0.2)


class Caller:
    """Downloads to `file`. `logged` are the lines that it was told, `stop` what its `check` does."""

    def __init__(self, file: Path, patience: Patience = QUICK) -> None:
        self.file = file
        self.logged: list[str] = []
        self.stop: Callable[[], None] = lambda: None
        self.terms = Terms(os.environ, lambda: self.stop(), self.logged.append, patience=patience)

    def in_environment(self, environment: Mapping[str, str]) -> None:
        """Take proxies from here."""
        self.terms = self.terms._replace(environment=environment)

    def __call__(self, url: str, *, checksum: Checksum | None = None, overwrite: bool = True) -> bytes:
        """Download, and give what the file then holds."""
        size = download(parse_address(url), os.fspath(self.file), self.terms, checksum=checksum, overwrite=overwrite)
        data = self.file.read_bytes()
        assert len(data) == size
        return data

    def left(self) -> list[str]:
        """The names in the file's folder: temporary files would be among them."""
        return sorted(os.listdir(self.file.parent))
