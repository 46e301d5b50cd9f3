"""`toe lsp`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.cli.terminal import say_line
from toe.errors import ToeError

INSTALL_HINT = "pip install 'toe-executor[lsp]'"


def lsp(options: Mapping[str, Any]) -> int:
    """Serve an editor and return the exit code. Raises ToeError when arguments are given or pygls is missing."""
    if options["paths"]:
        raise ToeError("'toe lsp' takes no arguments", hint="an editor starts it, and names the documents itself")
    try:
        from toe.language_server.server import serve
    except ImportError as error:
        raise ToeError("'toe lsp' needs toe[lsp]", hint=INSTALL_HINT) from error
    return serve(say_line)
