"""Whether a text is PowerShell, by a grammar of it. What a script does is not shown by this."""

from __future__ import annotations

import tree_sitter
import tree_sitter_powershell

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def is_powershell(script: str) -> bool:
    """Whether the grammar finds nothing in the script that does not belong there."""
    return not _PARSER.parse(script.encode()).root_node.has_error


def assert_powershell(script: str) -> None:
    """The script is PowerShell, and the grammar would have noticed a brace too many."""
    assert is_powershell(script)
    assert not is_powershell(script + "\n}\n")
