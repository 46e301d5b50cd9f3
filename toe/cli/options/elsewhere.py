"""The commands that carry toe and documents to other machines."""

from __future__ import annotations

from toe.cli.command import Command, Option
from toe.cli.options.shared import EXECUTION_ID, PARAMETERS, PHASES

BUNDLE = Command(
    "bundle",
    "Make one executable of this toe.",
    """Write one file that runs on any Linux on the same processor, without Python: this toe, its Python, its libraries.

    Its path goes to stdout. Exit code: 0 written, 2 wrong usage, or something is missing.
    """,
    (
        Option("output", "The file; default: toe-VERSION-linux-PROCESSOR, here.", "o", "FILE"),
        Option("with", "Extras of toe that go in as well, such as aws.", metavar="EXTRA,EXTRA", many=True),
    ),
    arguments="",
)

SSM_DOCUMENT = Command(
    "ssm-document",
    "Write a document for Run Command of AWS Systems Manager.",
    """Write the document by which Run Command of AWS Systems Manager runs component documents on its hosts.

    Documents in files go into it, with those that they run by relative paths; others are named by their addresses. The
    agent reboots a host where a step asks for it, and the run goes on. Exit code: 0 written, 2 wrong usage.
    """,
    (
        Option("installed", "A toe that is installed on the hosts.", metavar="PATH"),
        Option("executable-from", "In its place: where hosts get the one file, s3:// or https://.", metavar="ADDRESS"),
        Option("executable", "The same file here, for its checksum.", metavar="FILE"),
        PHASES,
        PARAMETERS,
        EXECUTION_ID,
        Option("output", "Write it to a file, in place of stdout.", "o", "FILE"),
    ),
)

COMMANDS = {command.name: command for command in (BUNDLE, SSM_DOCUMENT)}
