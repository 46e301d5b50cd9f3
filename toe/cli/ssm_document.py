"""`toe ssm-document`: what Run Command of AWS Systems Manager needs to run component documents on its hosts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from toe.cli.command import split_names
from toe.cli.for_hosts import judged
from toe.cli.order import split_parameters
from toe.cli.summary import tell_nothing_was_run
from toe.cli.terminal import printed, say_line, write_file
from toe.errors import EXIT_SUCCESS, ToeError
from toe.fleet.one_file import given_file
from toe.fleet.parcel import Asked
from toe.fleet.ssm_document import MOST_BYTES, Executable, command_document
from toe.session.order import Order, Request


def ssm_document(options: Mapping[str, Any]) -> int:
    """Write the document and return the exit code. Raises ToeError."""
    try:
        text = json.dumps(_document(options), indent=2) + "\n"
    except ToeError as error:
        if not error.problems:
            raise
        tell_nothing_was_run(error, "nothing was written")
        return error.exit_code
    if len(text.encode()) > MOST_BYTES:
        raise ToeError(
            f"the document has {len(text.encode())} bytes, and Systems Manager takes {MOST_BYTES}",
            hint="put the component documents into S3 and name their addresses",
        )
    if not options["output"]:
        return printed(text)
    write_file(options["output"], [text])
    say_line(f"aws ssm create-document --document-type Command --name NAME --content file://{options['output']}")
    return EXIT_SUCCESS


def _document(options: Mapping[str, Any]) -> dict[str, Any]:
    paths = tuple(options["paths"])
    if not paths:
        raise ToeError("no documents to run", hint="toe ssm-document component.yml --installed toe")
    executable = _executable(options)
    order = judged(
        Order(
            tuple(map(Request, paths)),
            pieces=split_parameters(options["parameters"]),
            phases=tuple(split_names(options["phases"])),
        )
    )
    asked = Asked(paths, order.parameters, order.phases, order.mask, execution_id=options["execution_id"] or "")
    return command_document(asked, executable)


def _executable(options: Mapping[str, Any]) -> Executable:
    installed, source, file = options["installed"], options["executable_from"], options["executable"]
    if installed and not (source or file):
        return Executable(installed=installed)
    if installed or not (source and file):
        raise ToeError(
            "say where hosts get toe",
            hint="--installed /usr/local/bin/toe, or --executable FILE and --executable-from ADDRESS",
        )
    if not source.startswith(("s3://", "https://")):
        raise ToeError(f"'{source}' is no address that hosts fetch from", hint="s3://bucket/key or https://...")
    return Executable(source=source, sha256=given_file(file).sha256)
