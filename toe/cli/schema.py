"""`toe schema`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.actions import ActionTable
from toe.check.schema import component_schema, definitions_of, schema_text
from toe.cli.terminal import printed
from toe.errors import ToeError


def schema(options: Mapping[str, Any]) -> int:
    """Print the schema. Raises ToeError when arguments are given."""
    if options["paths"]:
        raise ToeError("'toe schema' takes no arguments")
    text = schema_text(component_schema(definitions_of(ActionTable())))
    return printed(text)
