"""A document for Run Command of AWS Systems Manager, which runs component documents where its agent is the transport.

Its form is that of schema 2.2 of command documents. What it runs is toe/fleet/ssm_document.sh.
"""

from __future__ import annotations

import base64
import textwrap
from importlib.resources import files
from typing import Any

from toe.errors import ToeError
from toe.fleet.parcel import Asked, parcel
from toe.records import NamedTuple

#: What the service takes, in bytes of the document's JSON.
MOST_BYTES = 64 * 1024
_LINE_CHARACTERS = 120


class Executable(NamedTuple):
    """Where the host gets `toe`: one that is installed, or a file at an address, with its checksum."""

    installed: str = ""
    source: str = ""
    sha256: str = ""


def command_document(asked: Asked, executable: Executable, description: str = "") -> dict[str, Any]:
    """The document. Parameters of the components are in it for all to read who may read it: no secret belongs there.

    Raises ToeError for what cannot be read, and for secrets.
    """
    if asked.mask:
        raise ToeError(
            "a masked parameter would stand in the document for all to read",
            hint="have the component look it up: {{ aws:ssm:/path }}",
        )
    sent = parcel(asked._replace(phases=()))
    text = (files("toe.fleet") / "ssm_document.sh").read_text("utf-8")
    values = {
        "KEY": sent.order[:32],
        "INSTALLED": _quotable(executable.installed),
        "SOURCE": _quotable(executable.source),
        "SHA": executable.sha256,
        "PARCEL": "\n".join(textwrap.wrap(base64.b64encode(sent.data).decode(), _LINE_CHARACTERS)),
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return {
        "schemaVersion": "2.2",
        "description": description or f"Runs {', '.join(asked.documents)} with toe",
        "parameters": {
            "executionId": {
                "type": "String",
                "description": "Names the run; a UUID when left out.",
                "default": asked.execution_id,
                "allowedPattern": "^[A-Za-z0-9_.-]{0,128}$",
            },
            "phases": {
                "type": "String",
                "description": "The phases to run, with commas; all when left out.",
                "default": ",".join(asked.phases),
                "allowedPattern": "^[A-Za-z0-9_,-]*$",
            },
            "timeoutSeconds": {
                "type": "String",
                "description": "Seconds that all of it may take, without reboots.",
                "default": "7200",
                "allowedPattern": "^[1-9][0-9]{0,5}$",
            },
        },
        "mainSteps": [
            {
                "action": "aws:runShellScript",
                "name": "toe",
                "precondition": {"StringEquals": ["platformType", "Linux"]},
                "inputs": {"timeoutSeconds": "{{ timeoutSeconds }}", "runCommand": text.splitlines()},
            }
        ],
    }


def _quotable(text: str) -> str:
    if "'" in text or "{{" in text or "\n" in text:
        raise ToeError(f"'{text}' cannot stand in a document for Systems Manager")
    return text
